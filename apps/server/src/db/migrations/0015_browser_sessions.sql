-- A session that a browser holds by a cookie. Only the hash: who reads this table cannot take its place.
alter table sessions add column browser_hash bytea;
create unique index sessions_browser on sessions (browser_hash) where browser_hash is not null;
-- Of a browser session, at most a minute behind: one that is not used ends.
alter table sessions add column if not exists last_used_at timestamptz;
update sessions set last_used_at = created_at where last_used_at is null;
alter table sessions alter column last_used_at set default now(), alter column last_used_at set not null;
create index sessions_unused on sessions (last_used_at) where browser_hash is not null and revoked_at is null;

-- Of a sign-in through an issuer: who they are there, their session there, and whether its claims made them an administrator.
alter table sessions add column issuer text;
alter table sessions add column subject text;
alter table sessions add column issuer_session text;
alter table sessions add column claims_admin boolean not null default false;
-- What the issuer wants to see again when they sign out; sealed with the server's secret.
alter table sessions add column sealed_id_token bytea;
create index sessions_of_issuer on sessions (issuer, subject) where issuer is not null;
create index sessions_of_issuer_session on sessions (issuer, issuer_session) where issuer_session is not null;
