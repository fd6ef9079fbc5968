-- What an issuer says of an e-mail address, and which issuer it was. An address that nobody has verified is shown as such.
alter table users add column email_verified boolean not null default false;
alter table users add column email_issuer text;
update users u set email_issuer = i.issuer,
  -- Of a built-in account the address is its sign-in name, which an administrator gave it.
  email_verified = i.issuer = 'urn:skycrate:accounts' and u.email is not null
from (select distinct on (user_id) user_id, issuer from identities order by user_id, created_at, issuer) i
where i.user_id = u.id and u.email is not null;

-- invited: may sign in once the invitation is accepted. deleting: a job deletes what they have.
-- deleted: what the audit log names them by, and nothing else.
alter table users drop constraint users_state_check;
alter table users add constraint users_state_check
  check (state in ('active', 'invited', 'suspended', 'deleting', 'deleted'));

-- Groups that a token's claims name belong to the issuer that says them; SkyCrate's own have none.
create table groups (
  id text primary key,
  name text not null,
  issuer text,
  description text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (name, issuer)
);

create table group_members (
  group_id text not null references groups on delete cascade,
  user_id text not null references users on delete cascade,
  -- As the issuer said at the last sign-in; otherwise an administrator did.
  from_claims boolean not null,
  added_at timestamptz not null default now(),
  primary key (group_id, user_id)
);
create index group_members_user on group_members (user_id);

-- A user's own groups are held with their permissions; groups of claims come with each token.
create function notify_member_change() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform pg_notify('skycrate_permissions', 'user:' || old.user_id);
  end if;
  if tg_op <> 'DELETE' then
    perform pg_notify('skycrate_permissions', 'user:' || new.user_id);
  end if;
  return null;
end $$;
create trigger member_added after insert on group_members
  for each row when (not new.from_claims) execute function notify_member_change();
create trigger member_changed after update on group_members
  for each row execute function notify_member_change();
create trigger member_deleted after delete on group_members
  for each row when (not old.from_claims) execute function notify_member_change();

create function notify_group_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_permissions', 'group:' || old.name);
  return null;
end $$;
create trigger groups_changed after update of name, issuer or delete on groups
  for each row execute function notify_group_change();

-- Of a permission for a group: whose claim says the group; null for SkyCrate's own groups.
alter table permissions add column principal_issuer text;
alter table permissions add constraint permissions_principal_issuer
  check (principal_kind = 'group' or principal_issuer is null);
-- Until now a group counted whoever said it. With one issuer it was that one's. With several, or with none, nobody knows
-- whose was meant: such a permission becomes one for a group of SkyCrate that has no members, and an administrator sees it.
with known as (select distinct issuer from identities where issuer <> 'urn:skycrate:accounts')
update permissions set principal_issuer = (select issuer from known)
where principal_kind = 'group' and (select count(*) from known) = 1;
insert into groups (id, name, description)
select 'grp_' || substr(min(id), 5), principal, 'Whose claim says this group was not known.' from permissions
where principal_kind = 'group' and principal_issuer is null group by principal;

-- What somebody proves to be a user with. The e-mail address in accounts is what they sign in by.
create table credentials (
  user_id text not null references users on delete cascade,
  kind text not null check (kind in ('password')),
  -- password: {"hash": "…"}
  data jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, kind)
);
insert into credentials (user_id, kind, data, created_at, updated_at)
select user_id, 'password', jsonb_build_object('hash', password_hash), updated_at, updated_at from accounts;
alter table accounts drop column password_hash;

-- Links that are good once. Only hashes: who reads this table can't use them.
create table one_time_codes (
  hash bytea primary key,
  kind text not null check (kind in ('invitation', 'reset-password')),
  user_id text not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- A new link replaces the one before.
  unique (user_id, kind)
);
create index one_time_codes_expires_at on one_time_codes (expires_at);
