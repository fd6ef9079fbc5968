-- A home whose contents are being deleted: its owner has no access any more, and no new one is made meanwhile.
alter table homes drop constraint homes_state_check;
alter table homes add constraint homes_state_check check (state in ('provisioning', 'ready', 'failed', 'deleting'));

-- The latest job that created, counted or deleted a bucket.
alter table buckets add column job_id text;

-- What each bucket held when it was last counted. Sizes are in bytes.
create table bucket_contents (
  store text not null,
  bucket text not null,
  objects bigint not null,
  bytes bigint not null,
  old_versions bigint not null,
  old_bytes bigint not null,
  delete_markers bigint not null,
  unfinished_uploads bigint not null,
  counted_at timestamptz not null default now(),
  primary key (store, bucket),
  foreign key (store, bucket) references buckets on delete cascade
);
