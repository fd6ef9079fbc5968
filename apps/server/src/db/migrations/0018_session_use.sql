-- What the owner of a session recognises it by.
alter table sessions add column if not exists last_used_at timestamptz;
alter table sessions add column user_agent text;
