-- Temporary credentials by which their holder signs requests to SkyCrate itself: who that is, and the secret, sealed.
create table session_keys (
  access_key_id text primary key check (length(access_key_id) between 1 and 128),
  user_id text not null references users (id) on delete cascade,
  sealed bytea not null,
  expires_at timestamptz not null
);
create index session_keys_by_end on session_keys (expires_at);
create index session_keys_by_user on session_keys (user_id);

-- For good: who is let in again signs in again.
create function end_session_keys() returns trigger language plpgsql as $$
begin
  delete from session_keys where user_id = new.id;
  return null;
end $$;
create trigger session_keys_end after update of state on users
  for each row when (old.state = 'active' and new.state <> 'active') execute function end_session_keys();
