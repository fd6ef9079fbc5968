-- What an app keeps of the objects that its users upload.
create table files (
  id text primary key,
  owner_id text not null references users,
  store text not null default 'default' references stores,
  bucket text not null,
  key text not null,
  filename text not null,
  size bigint not null,
  content_type text,
  -- Pixels, as the image is shown; null for what is no image.
  width integer,
  height integer,
  metadata jsonb not null default '{}',
  -- deleting: a job deletes the object, then the row.
  state text not null default 'ready' check (state in ('ready', 'deleting')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index files_place on files (store, bucket, key);
create index files_owner on files (owner_id, id) where state = 'ready';
