-- Links by which strangers reach a file, a folder or a drop box. Only the hash of each token is here. What a link gives is
-- decided with its owner's permissions whenever it is used.
create table shares (
  id text primary key,
  token_hash bytea not null unique,
  owner_id text not null references users on delete cascade,
  store text not null default 'default' references stores,
  bucket text not null,
  -- Of a file its key, else '' or a folder that ends in '/'.
  path text not null,
  kind text not null check (kind in ('file', 'folder', 'drop-box')),
  name text not null,
  password_hash text,
  expires_at timestamptz,
  -- Downloads, or of a drop box uploads.
  max_uses integer check (max_uses > 0),
  uses integer not null default 0,
  -- Of a drop box: bytes of one file at most, and which types; null for any.
  max_size bigint,
  content_types text[],
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text
);
create index shares_owner on shares (owner_id, id);
create index shares_ended on shares (least(revoked_at, expires_at));

-- Whether links work at all. No row: they do.
create table sharing (
  one boolean primary key default true check (one),
  enabled boolean not null,
  updated_at timestamptz not null default now()
);
