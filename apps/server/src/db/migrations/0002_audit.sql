-- The log by month, so that a month that has expired is dropped and not deleted row by row. An event's id begins with its
-- time: a month is a range of ids, and the primary key stays unique over all of them.
alter table audit_events rename to audit_events_old;
alter index audit_events_pkey rename to audit_events_old_pkey;
alter index audit_events_user rename to audit_events_old_user;

create table audit_events (
  id text collate "C" primary key,
  at timestamptz not null,
  action text not null,
  outcome text not null check (outcome in ('allow', 'deny', 'error')),
  -- Who did it; null for a guest and for SkyCrate itself.
  user_id text,
  -- The user that it was done to.
  target_user_id text,
  -- null without a bucket.
  store text,
  bucket text,
  key text,
  -- A short code that says why it was refused or failed.
  reason text,
  -- What was given, to whom, which actions, until when; its form follows from the action.
  detail jsonb,
  request_id text collate "C" not null,
  ip text,
  user_agent text,
  -- The way in: rest, another protocol, or process for SkyCrate itself.
  door text not null default 'rest',
  -- The requests that it stands for: repeats of a denial are recorded together.
  count integer not null default 1 check (count > 0)
) partition by range (id);

-- The filters of a page seek their place in one of these, newest first. The list of actions is short, so the third serves
-- outcomes as well: one look-up for each action. Request ids ascend with the rows, which is what BRIN is for.
create index audit_events_user on audit_events (user_id, id);
create index audit_events_bucket on audit_events (bucket, id);
create index audit_events_action on audit_events (action, outcome, id);
create index audit_events_target on audit_events (target_user_id, id) where target_user_id is not null;
create index audit_events_request on audit_events using brin (request_id) with (pages_per_range = 32);

-- The least id of an event at a time: its milliseconds since 1970 as ten characters of Crockford's base32.
create function audit_first_id(at timestamptz) returns text language sql immutable strict as $$
  select 'evt_' || string_agg(
    substr('0123456789abcdefghjkmnpqrstvwxyz', (floor(extract(epoch from at) * 1000)::bigint >> (5 * n) & 31)::int + 1, 1),
    '' order by n desc
  ) || '0000000000000000'
  from generate_series(0, 9) n
$$;

-- What no month takes. It is empty but for clocks that are far ahead.
create table audit_events_default partition of audit_events default;

-- A partition for each month there are events of, this month and the next.
do $$
declare
  this_month timestamptz := date_trunc('month', now(), 'UTC');
  first_month timestamptz := greatest(
    date_trunc('month', coalesce((select min(at) from audit_events_old), now()), 'UTC'), this_month - interval '10 years');
  month timestamptz := first_month;
begin
  -- Ids that no clock of today makes: whatever was there before the first month.
  execute format('create table audit_events_before partition of audit_events for values from (minvalue) to (%L)',
    audit_first_id(first_month));
  while month <= this_month + interval '1 month' loop
    execute format('create table audit_events_%s partition of audit_events for values from (%L) to (%L)',
      to_char(month at time zone 'UTC', 'YYYY_MM'), audit_first_id(month), audit_first_id(month + interval '1 month'));
    month := month + interval '1 month';
  end loop;
end $$;

insert into audit_events (id, at, action, outcome, user_id, store, bucket, key, reason, detail, request_id, ip, user_agent, door)
select id, at, action, outcome, user_id, case when bucket is not null then 'default' end, bucket, key,
  -- What allowed something, or what came of it, was told as a reason before.
  case when outcome <> 'allow' and reason not like 'prm\_%' then reason end,
  case
    when reason like 'prm\_%' then jsonb_build_object('permissionId', reason)
    when reason like 'ses\_%' then jsonb_build_object('sessionId', reason)
    when action = 'user.create' and reason like 'http%' then jsonb_build_object('issuer', reason)
  end,
  request_id, ip, user_agent, case when request_id = 'start' then 'process' else 'rest' end
from audit_events_old;

drop table audit_events_old;
