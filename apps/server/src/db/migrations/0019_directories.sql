-- Directories that tell who their people and groups are (SCIM).
create table directories (
  id text primary key,
  name text not null,
  -- Whose identities the users are; null: they come with a verified e-mail address, of any issuer.
  issuer text,
  -- What the issuer knows a user by: its subject is the directory's externalId, or their verified e-mail address is the same.
  match_by text not null check (match_by in ('external-id', 'email')),
  -- Only a hash: who reads this table can't use it. null: the token was deleted.
  token_hash bytea,
  token_created_at timestamptz,
  -- To the minute.
  token_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (match_by = 'email' or issuer is not null)
);
create unique index directories_name on directories (lower(name));
create unique index directories_token on directories (token_hash);
-- Groups of an issuer have one master.
create unique index directories_issuer on directories (issuer) where issuer is not null;

create table directory_users (
  directory_id text not null references directories on delete cascade,
  user_id text not null references users on delete cascade,
  user_name text not null,
  external_id text,
  -- The other attributes of the SCIM user, as the directory sent them.
  attributes jsonb not null,
  -- What the directory said last. An administrator's suspension holds whatever it says.
  active boolean not null,
  -- The directory deleted the user, who is suspended since. Where the same person comes again, the user is the same.
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (directory_id, user_id)
);
-- One directory is the master of a user.
create unique index directory_users_user on directory_users (user_id) where deleted_at is null;
create unique index directory_users_name on directory_users (directory_id, lower(user_name)) where deleted_at is null;
create unique index directory_users_external on directory_users (directory_id, external_id) where deleted_at is null;

-- The directory whose group it is: its members are the ones that the directory names, beside those of tokens' claims.
alter table groups add column directory_id text references directories on delete set null;
alter table groups add column external_id text;
create index groups_directory on groups (directory_id, id) where directory_id is not null;
