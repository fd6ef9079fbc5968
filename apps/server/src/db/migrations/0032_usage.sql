-- What each bucket holds, by folder and class, as its latest inventory found it. Sizes are in bytes.
create table usage_buckets (
  store text not null,
  bucket text not null,
  -- The job whose rows of usage_folders are the current ones.
  run text not null,
  source text not null check (source in ('listing', 's3-inventory')),
  counted_at timestamptz not null,
  -- What the inventory found beyond what was kept before: objects and bytes.
  objects_changed bigint not null,
  bytes_changed bigint not null,
  -- Duplicates, requests of the last days and what else is asked for as a whole.
  summary jsonb not null,
  -- Advice for parts of the bucket, and the bill of the next months.
  advice jsonb not null,
  primary key (store, bucket),
  foreign key (store, bucket) references buckets on delete cascade
);

create table usage_folders (
  store text not null,
  bucket text not null,
  run text not null,
  -- '' for the whole bucket.
  prefix text collate "C" not null,
  objects bigint not null,
  bytes bigint not null,
  old_versions bigint not null,
  old_bytes bigint not null,
  uploads bigint not null,
  upload_bytes bigint not null,
  delete_markers bigint not null,
  -- Class → state → size bin → [objects, bytes].
  classes jsonb not null,
  -- The largest, the oldest and those that nobody has read.
  detail jsonb not null,
  primary key (store, bucket, run, prefix)
);

-- A count a month by class, age and size: what is missing in the next was deleted.
create table usage_counts (
  store text not null,
  bucket text not null,
  day date not null,
  cells bytea not null,
  primary key (store, bucket, day),
  foreign key (store, bucket) references buckets on delete cascade
);

-- What was there on each day, of whole buckets and of homes.
create table usage_days (
  store text not null,
  bucket text not null,
  prefix text collate "C" not null,
  day date not null,
  objects bigint not null,
  bytes bigint not null,
  primary key (store, bucket, prefix, day),
  foreign key (store, bucket) references buckets on delete cascade
);

-- Reads of the audit log by object, while an inventory goes through the bucket.
create unlogged table usage_reads (
  run text not null,
  key text collate "C" not null,
  recent integer not null,
  primary key (run, key)
);
