-- Where S3 Inventory delivers files about a bucket, and what was made of them.
create table usage_sources (
  store text not null,
  bucket text not null,
  files_bucket text not null,
  -- Ends in '/'.
  files_prefix text not null,
  -- When a new delivery was last looked for.
  looked_at timestamptz,
  -- The manifest that was counted last.
  manifest text,
  -- Why the latest one could not be.
  problem text,
  primary key (store, bucket),
  foreign key (store, bucket) references buckets on delete cascade
);
