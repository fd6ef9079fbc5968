-- Issuers that an administrator added; those of the configuration stand in no table.
create table issuers (
  id text primary key,
  name text not null,
  issuer text not null unique,
  audience text[] not null,
  client_id text[] not null,
  -- Of the first client; sealed with the secret of the configuration.
  client_secret bytea,
  -- The other settings, as the API takes them.
  settings jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Every process hears of a change.
create function notify_issuer_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_issuers', '');
  return null;
end $$;
create trigger issuers_changed after insert or update or delete on issuers
  for each statement execute function notify_issuer_change();
