-- Personal access tokens. Only the hash of each is here: nobody signs in with what the database holds.
create table access_tokens (
  id text primary key,
  hash bytea not null unique,
  user_id text not null references users on delete cascade,
  name text not null,
  -- [{"store": "…", "bucket": "…" or null, "prefix": "…", "actions": ["…"]}]
  places jsonb not null,
  is_admin boolean not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz
);
create index access_tokens_user on access_tokens (user_id, id);
create index access_tokens_expires_at on access_tokens (expires_at);

-- Whoever remembers a token of this user looks again.
create function notify_access_token_end() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_users', old.user_id);
  return null;
end $$;
create trigger access_tokens_ended after delete on access_tokens
  for each row execute function notify_access_token_end();
