-- Denials and errors are found without a look at everything that was allowed.
create index audit_events_outcome on audit_events (outcome, id) where outcome <> 'allow';

-- Users and buckets by a small number, as the sums name them.
create table audit_names (
  no integer generated always as identity primary key,
  kind text not null check (kind in ('user', 'bucket')),
  name text collate "C" not null,
  unique (kind, name)
);

-- The sums of each day that is over (UTC).
create table audit_days (
  day date primary key,
  -- [[action, outcome, count], …]
  totals jsonb not null,
  -- Pairs of a number's distance to the one before and its count, each as a varint; ascending.
  users bytea not null,
  buckets bytea not null
);
-- They are compact already.
alter table audit_days alter column users set storage external, alter column buckets set storage external;

-- Days to which a transaction added events when they might have been summed already: their sums do not count until they are
-- made anew.
create table audit_late (
  day date not null,
  transaction xid8 not null,
  primary key (day, transaction)
);

create function note_late_audit_event() returns trigger language plpgsql as $$
begin
  insert into audit_late values ((new.at at time zone 'UTC')::date, pg_current_xact_id()) on conflict do nothing;
  return null;
end $$;
create trigger audit_events_late after insert on audit_events for each row
  when (new.at < statement_timestamp() - interval '1 hour') execute function note_late_audit_event();
