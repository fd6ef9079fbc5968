-- A session that ended is over in every process.
create function notify_session_end() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_users', new.user_id);
  return null;
end $$;
create trigger sessions_ended after update of revoked_at on sessions
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function notify_session_end();
