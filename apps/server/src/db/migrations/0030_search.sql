-- The names of objects and folders, so that people find them: an index kept by listing, and no truth of its own.
create table search_buckets (
  id integer generated always as identity primary key,
  store text not null references stores,
  bucket text not null,
  -- When the last complete listing began; null before the first.
  listed_at timestamptz,
  unique (store, bucket)
);

create table search_names (
  bucket_id integer not null references search_buckets on delete cascade,
  -- Of a folder with its '/'.
  key text collate "C" not null,
  -- The last part of the key, in one case and one form of Unicode.
  folded text not null,
  -- Bytes; null for a folder, and for what was not looked at yet.
  size bigint,
  modified_at timestamptz,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (bucket_id, key)
);

-- A database without pg_trgm, or whose owner may not create it, is searched row by row.
do $$
begin
  create extension if not exists pg_trgm;
  create index search_names_folded on search_names using gin (folded gin_trgm_ops) with (fastupdate = on);
exception when others then
  raise notice 'search without pg_trgm: %', sqlerrm;
end
$$;
