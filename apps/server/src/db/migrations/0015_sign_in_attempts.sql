-- Sign-ins at an issuer that a browser has begun. Each is used once, by that browser alone.
create table sign_in_attempts (
  state_hash bytea primary key,
  browser_hash bytea not null,
  issuer_id text not null,
  nonce text not null,
  code_verifier text not null,
  return_to text not null,
  expires_at timestamptz not null
);
create index sign_in_attempts_expires_at on sign_in_attempts (expires_at);
