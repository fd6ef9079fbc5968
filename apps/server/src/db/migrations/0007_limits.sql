-- How much of each limit is used, for all processes. A bucket refills evenly: it is full again at full_at (milliseconds since
-- 1970), and a row whose time has passed says nothing. Unlogged: after a crash every bucket is full.
create unlogged table limit_buckets (
  name text primary key,
  full_at bigint not null,
  -- Whether the last attempt was within the limit.
  taken boolean not null default true
);
create index limit_buckets_full_at on limit_buckets (full_at);
