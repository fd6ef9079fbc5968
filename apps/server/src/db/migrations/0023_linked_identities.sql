-- Of a sign-in at an issuer that links its identity to a user: the user, and the session that began it and has to bring it back.
alter table sign_in_attempts add column link_user_id text;
alter table sign_in_attempts add column link_session_id text;
alter table sign_in_attempts add constraint sign_in_attempts_link
  check ((link_user_id is null) = (link_session_id is null));
