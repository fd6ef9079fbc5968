-- Files and folders that people come back to. A star gives nothing: what is shown of it is decided whenever it is read.
create table starred (
  user_id text not null references users on delete cascade,
  store text not null references stores,
  bucket text not null,
  -- Of a file its key, else '' or a folder that ends in '/'.
  key text collate "C" not null,
  starred_at timestamptz not null default now(),
  primary key (user_id, store, bucket, key)
);
