-- How much may be stored: by users in their homes, by the members of a group in all their homes together, and in a bucket.
create table quotas (
  kind text not null check (kind in ('user', 'group', 'bucket')),
  -- The id of a user or a group; 'everyone' for each user without a quota of their own; store/bucket.
  subject text not null,
  max_bytes bigint check (max_bytes >= 0),
  max_objects bigint check (max_objects >= 0),
  updated_at timestamptz not null default now(),
  primary key (kind, subject),
  check (max_bytes is not null or max_objects is not null)
);

create function notify_quotas() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_quotas', '');
  return null;
end $$;
create trigger quotas_changed after insert or update or delete on quotas
  for each statement execute function notify_quotas();

-- What is stored at a place that a quota concerns: current objects, not their old versions.
create table quota_usage (
  store text not null,
  bucket text not null,
  prefix text not null,
  bytes bigint not null default 0,
  objects bigint not null default 0,
  -- Of uploads that were allowed and have not been seen in the store yet.
  reserved_bytes bigint not null default 0,
  reserved_objects bigint not null default 0,
  -- Ascends with each change, so that a count notices what came in between.
  changes bigint not null default 0,
  counted_at timestamptz,
  primary key (store, bucket, prefix)
);

-- A key that may change until a time: what was there, and the most that may be there afterwards.
create table quota_reservations (
  store text not null,
  bucket text not null,
  key text not null,
  bytes bigint not null,
  objects bigint not null,
  before_bytes bigint not null,
  before_objects bigint not null,
  -- The places of quota_usage that it is reserved in.
  prefixes text[] not null,
  vends integer not null default 1,
  expires_at timestamptz not null,
  primary key (store, bucket, key)
);
create index quota_reservations_expires_at on quota_reservations (expires_at);

-- The places that quotas concern.
create view quota_places as
  select h.store, h.bucket, h.prefix from homes h
  where h.state = 'ready' and (
    exists (select 1 from quotas q where q.kind = 'user' and q.subject in (h.user_id, 'everyone'))
    or exists (
      select 1 from group_members m join quotas q on q.kind = 'group' and q.subject = m.group_id
      where m.user_id = h.user_id
    )
  )
  union
  select split_part(subject, '/', 1), substr(subject, strpos(subject, '/') + 1), ''
  from quotas where kind = 'bucket';
