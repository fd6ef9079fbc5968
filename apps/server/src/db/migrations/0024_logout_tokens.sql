-- Logout tokens of issuers that were used, until they end by themselves: each ends sessions once.
create table logout_tokens (
  hash bytea primary key,
  expires_at timestamptz not null
);
create index logout_tokens_expires_at on logout_tokens (expires_at);
