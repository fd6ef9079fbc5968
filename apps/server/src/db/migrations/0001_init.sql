-- People. E-mail is information: it never decides who somebody is, identities do.
create table users (
  id text primary key,
  email text,
  name text,
  is_admin boolean not null default false,
  state text not null default 'active' check (state in ('active', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_sign_in_at timestamptz
);

create table identities (
  issuer text not null,
  subject text not null,
  user_id text not null references users on delete cascade,
  created_at timestamptz not null default now(),
  primary key (issuer, subject)
);
create index identities_user on identities (user_id);

-- Built-in accounts. The e-mail is the sign-in name here, and only here unique.
create table accounts (
  user_id text primary key references users on delete cascade,
  email text not null,
  password_hash text not null,
  updated_at timestamptz not null default now()
);
create unique index accounts_email on accounts (lower(email));

create table sessions (
  id text primary key,
  user_id text not null references users on delete cascade,
  -- The network of the sign-in: an IPv4 address or the /64 of an IPv6 address.
  address text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_user on sessions (user_id);
create index sessions_expires_at on sessions (expires_at);

-- Only hashes: who reads this table cannot refresh with it.
create table refresh_tokens (
  hash bytea primary key,
  session_id text not null references sessions on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

-- ES256 keys of SkyCrate's own tokens; the private half is sealed with the secret of the configuration.
create table signing_keys (
  id text primary key,
  public_jwk jsonb not null,
  sealed_private_key bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);

create table permissions (
  id text primary key,
  principal_kind text not null check (principal_kind in ('user', 'group', 'everyone', 'guest')),
  -- A user's id or a group's name; '' for everyone and guest.
  principal text not null default '',
  bucket text not null,
  prefix text not null check (prefix = '' or prefix like '%/'),
  can_read boolean not null,
  can_write boolean not null,
  can_delete boolean not null,
  can_list boolean not null,
  expires_at timestamptz,
  description text not null default '',
  created_at timestamptz not null default now(),
  check (can_read or can_write or can_delete or can_list),
  check ((principal_kind in ('everyone', 'guest')) = (principal = ''))
);
create index permissions_principal on permissions (principal_kind, principal);

-- Every process that caches permissions hears which principal's changed.
create function notify_permission_change() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform pg_notify('skycrate_permissions', old.principal_kind || ':' || old.principal);
  end if;
  if tg_op <> 'DELETE' then
    perform pg_notify('skycrate_permissions', new.principal_kind || ':' || new.principal);
  end if;
  return null;
end $$;
create trigger permissions_changed after insert or update or delete on permissions
  for each row execute function notify_permission_change();

-- And which user was suspended, deleted, promoted or demoted.
create function notify_user_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_users', old.id);
  return null;
end $$;
create trigger users_changed after update of is_admin, state or delete on users
  for each row execute function notify_user_change();

-- A user's own place. The bucket's name is written here before the bucket is made, so that none is ever unrecorded.
create table homes (
  user_id text primary key references users on delete restrict,
  layout text not null check (layout in ('bucket-per-user', 'shared-bucket')),
  bucket text not null,
  prefix text not null default '',
  region text not null,
  state text not null check (state in ('provisioning', 'ready', 'failed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index homes_bucket on homes (bucket, prefix);

-- Each bucket that SkyCrate ever set out to make, whatever became of it.
create table provisioned_buckets (
  bucket text primary key,
  -- null for the library bucket. No foreign key: the record outlives the user.
  user_id text,
  state text not null check (
    state in ('planned', 'creating', 'created', 'ready', 'collided', 'failed', 'removing', 'removed')
  ),
  -- It was there before SkyCrate: its settings are the operator's, and it is never deleted.
  adopted boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index provisioned_buckets_user on provisioned_buckets (user_id);

create table provisioning_steps (
  bucket text not null references provisioned_buckets on delete cascade,
  step text not null,
  outcome text not null check (outcome in ('applied', 'unsupported', 'failed')),
  reason text,
  -- JSON of what was set, to see that the configuration has changed since.
  setting text,
  at timestamptz not null default now(),
  primary key (bucket, step)
);

-- No foreign key to users: the log outlives whom it tells of. Ids sort by time, so inserts append and pages seek.
create table audit_events (
  id text collate "C" primary key,
  at timestamptz not null,
  action text not null,
  outcome text not null check (outcome in ('allow', 'deny', 'error')),
  user_id text,
  bucket text,
  key text,
  reason text,
  request_id text not null,
  ip text,
  user_agent text
);
create index audit_events_user on audit_events (user_id, id);

-- Settings that are written once, such as which libraries have had their access levels.
create table facts (
  name text primary key,
  value jsonb not null,
  created_at timestamptz not null default now()
);
