-- What is known of the thumbnails of images. The thumbnails themselves are in the store, beside the images.
create table thumbnails (
  store text not null references stores,
  bucket text not null,
  key text not null,
  -- Of the image that it is made of: of another, it has to be made anew.
  etag text not null,
  state text not null check (state in ('pending', 'ready', 'refused')),
  reason text,
  -- Pixels of the thumbnail.
  width integer,
  height integer,
  changed_at timestamptz not null default now(),
  checked_at timestamptz not null default now(),
  primary key (store, bucket, key)
);
create index thumbnails_checked on thumbnails (checked_at);
