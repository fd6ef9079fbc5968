-- Programs on devices without a browser that ask to be signed in (RFC 8628), until somebody decides and the program comes back.
create table device_requests (
  -- Of the code that only the program knows.
  device_hash bytea primary key,
  -- What a person types; useless without somebody who is signed in.
  user_code text not null unique,
  -- What the program says of itself.
  client text not null,
  network text not null,
  user_agent text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- Seconds that the program has to wait between two questions.
  wait_seconds integer not null default 5,
  asked_at timestamptz,
  -- Null until somebody decides.
  allowed boolean,
  user_id text references users on delete cascade,
  -- How the person who allowed it had signed in, and through which issuer; null for a built-in account.
  amr text[] not null default '{}',
  issuer text
);
create index device_requests_expires_at on device_requests (expires_at);

-- How its creator had signed in: where a second factor is required, that is what counts.
alter table access_tokens add column amr text[] not null default '{}';
