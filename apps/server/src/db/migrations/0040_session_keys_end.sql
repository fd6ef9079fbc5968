-- Those that a sign-in session got sign nothing at SkyCrate once it is over. Null: got by a token of another issuer.
alter table session_keys add column session_id text references sessions (id) on delete cascade;
create index session_keys_by_session on session_keys (session_id);
