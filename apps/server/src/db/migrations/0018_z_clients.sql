-- Machines that an administrator gives an identity of their own: users who sign in with a secret, and have no home.
alter table users add column is_service boolean not null default false;

create table client_secrets (
  id text primary key,
  user_id text not null references users on delete cascade,
  hash bytea not null unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index client_secrets_user on client_secrets (user_id, id);

-- Whoever remembers a token that was got with it looks again.
create function notify_client_secret_end() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_users', old.user_id);
  return null;
end $$;
create trigger client_secrets_ended after delete on client_secrets
  for each row execute function notify_client_secret_end();
