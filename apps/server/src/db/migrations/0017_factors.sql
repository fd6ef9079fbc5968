-- When and how the user of a session last proved who they are. The methods are those of RFC 8176, such as pwd, otp, mfa.
alter table sessions add column auth_time timestamptz;
alter table sessions add column amr text[] not null default '{}';
update sessions set auth_time = created_at, amr = '{pwd}';
alter table sessions alter column auth_time set default now(), alter column auth_time set not null;

-- totp: {"secret": "…", "lastStep": 1}: sealed with the server's secret; no step up to the last one works again.
-- new-totp: {"secret": "…"}, until its first code has come. recovery-codes: {"hashes": ["…"]}, of those not yet used.
alter table credentials drop constraint credentials_kind_check;
alter table credentials add constraint credentials_kind_check
  check (kind in ('password', 'totp', 'new-totp', 'recovery-codes'));

create table passkeys (
  -- The credential's id as the authenticator made it, in base64url.
  id text primary key,
  user_id text not null references users on delete cascade,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  -- Whether it exists on one device alone.
  single_device boolean not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id);

-- Challenges of passkeys that were answered, until they expire: none works twice.
create table used_challenges (
  hash bytea primary key,
  expires_at timestamptz not null
);
create index used_challenges_expires_at on used_challenges (expires_at);

-- Only of SkyCrate's own groups: its members need a second factor.
alter table groups add column requires_second_factor boolean not null default false
  check (issuer is null or not requires_second_factor);
create index groups_second_factor on groups (id) where requires_second_factor;

-- Processes remember with each token whether a second factor is missing. '*': of everybody.
create function notify_second_factor() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_users', '*');
  return null;
end $$;
create trigger groups_second_factor after update of requires_second_factor on groups
  for each row when (old.requires_second_factor <> new.requires_second_factor) execute function notify_second_factor();
create trigger groups_second_factor_deleted after delete on groups
  for each row when (old.requires_second_factor) execute function notify_second_factor();
create function notify_second_factor_member() returns trigger language plpgsql as $$
declare
  changed group_members := case when tg_op = 'INSERT' then new else old end;
begin
  if exists (select from groups where id = changed.group_id and requires_second_factor) then
    perform pg_notify('skycrate_users', changed.user_id);
  end if;
  return null;
end $$;
create trigger second_factor_member_added after insert on group_members
  for each row when (not new.from_claims) execute function notify_second_factor_member();
create trigger second_factor_member_deleted after delete on group_members
  for each row when (not old.from_claims) execute function notify_second_factor_member();
