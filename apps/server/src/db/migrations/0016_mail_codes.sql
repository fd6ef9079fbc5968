-- Codes of six digits that went out by mail. Each belongs to one attempt, with what was asked for in it: of two people who
-- sign up with one address, each confirms their own password.
create table mail_codes (
  id text collate "C" primary key,
  kind text not null check (kind in ('sign-up', 'reset-password')),
  -- As written, and in the one spelling by which addresses are compared.
  email text not null,
  address text not null,
  -- Keyed with the server's secret. Where no mail went out, of no code: a guess at it is answered like any other.
  code_hash bytea not null,
  -- Whether a mail went out.
  is_real boolean not null,
  tries_left integer not null,
  -- Of a sign-up.
  name text,
  password_hash text,
  -- Of a reset.
  user_id text references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index mail_codes_address on mail_codes (address, kind, id);
create index mail_codes_created_at on mail_codes (created_at);

-- Somebody who deleted their own account, until then: signing in keeps it.
alter table users add column delete_at timestamptz;
create index users_delete_at on users (delete_at) where delete_at is not null;
