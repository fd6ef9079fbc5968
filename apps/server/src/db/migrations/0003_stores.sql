-- The S3 services that SkyCrate uses. 'default' is the one of the configuration; its row follows the configuration at
-- every start. Bucket names are unique within one store only.
create table stores (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  kind text not null check (kind in ('embedded', 'aws', 's3')),
  -- null until a process has started with it.
  endpoint text,
  region text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
insert into stores (id, kind) values ('default', 's3');

-- Every bucket that SkyCrate knows of: those that it set out to create, whatever became of them, and those that were
-- there before.
create table buckets (
  store text not null default 'default' references stores,
  name text not null,
  -- home: created for one user. library: the bucket of the access levels. created: by an administrator.
  -- registered: there before SkyCrate; its settings are never changed unless an administrator asks.
  kind text not null check (kind in ('home', 'library', 'created', 'registered')),
  -- null until the store has told it.
  region text,
  state text not null check (
    state in ('planned', 'creating', 'created', 'ready', 'collided', 'failed', 'deleting', 'deleted')
  ),
  -- It was there before SkyCrate: its settings are the operator's, and SkyCrate never deletes it by itself.
  adopted boolean not null default false,
  -- Whose home it was created for. No foreign key: the record outlives the user.
  user_id text,
  -- Days for which old versions are kept; null: as the configuration says.
  retention_days integer check (retention_days between 1 and 36500),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (store, name)
);
create index buckets_user on buckets (user_id);

insert into buckets (store, name, kind, region, state, adopted, user_id, created_at, updated_at)
select 'default', p.bucket, case when p.user_id is null then 'library' else 'home' end, h.region,
  case p.state when 'removing' then 'deleting' when 'removed' then 'deleted' else p.state end,
  p.adopted, p.user_id, p.created_at, p.updated_at
from provisioned_buckets p left join homes h on h.bucket = p.bucket and h.layout = 'bucket-per-user';

-- How each setting of a bucket was applied.
create table bucket_steps (
  store text not null default 'default',
  bucket text not null,
  step text not null,
  outcome text not null check (outcome in ('applied', 'unsupported', 'failed')),
  reason text,
  -- JSON of what was set, to see that the configuration has changed since.
  setting text,
  at timestamptz not null default now(),
  primary key (store, bucket, step),
  foreign key (store, bucket) references buckets on delete cascade
);
insert into bucket_steps (bucket, step, outcome, reason, setting, at)
select bucket, step, outcome, reason, setting, at from provisioning_steps;

drop table provisioning_steps;
drop table provisioned_buckets;

alter table homes add column store text not null default 'default' references stores;
drop index homes_bucket;
create unique index homes_bucket on homes (store, bucket, prefix);

alter table permissions add column store text not null default 'default' references stores;
create index permissions_bucket on permissions (store, bucket, prefix);

-- Buckets that permissions named before there was a list of buckets.
insert into buckets (name, kind, state, adopted)
select distinct bucket, 'registered', 'ready', true from permissions
on conflict (store, name) do nothing;

-- Every process that signs URLs hears where a bucket is.
create function notify_bucket_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform pg_notify('skycrate_buckets', old.store || '/' || old.name);
  else
    perform pg_notify('skycrate_buckets', new.store || '/' || new.name);
  end if;
  return null;
end $$;
create trigger buckets_changed after insert or update of region or delete on buckets
  for each row execute function notify_bucket_change();
