-- Work that outlives a request and the process that began it.
create table jobs (
  id text primary key,
  kind text not null,
  -- At most one unfinished job of a kind has a given key; null: any number.
  key text,
  input json not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- Queued: when it may start. Running: when its lease ends, unless its process renews it; then another takes it over.
  due_at timestamptz not null default clock_timestamp(),
  -- Counts the times that a process took it. Only who holds the latest claim may write to the row.
  claim integer not null default 0,
  -- Tries since the job last got anywhere.
  attempts integer not null default 0,
  -- Where the next try goes on.
  checkpoint json,
  done bigint not null default 0,
  total bigint,
  cancel_requested boolean not null default false,
  -- Why the latest try failed: a code of the API's problems, and a detail for people.
  problem_code text,
  problem_detail text,
  -- null: SkyCrate itself. No foreign key: a job outlives its user, and may be what deletes them.
  created_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index jobs_key on jobs (kind, key) where key is not null and state in ('queued', 'running');
create index jobs_due on jobs (due_at) where state in ('queued', 'running');
create index jobs_created_by on jobs (created_by, id) where created_by is not null;
create index jobs_finished_at on jobs (finished_at) where finished_at is not null;

-- When each kind that runs periodically is due next, whichever process starts it.
create table job_schedules (
  kind text primary key,
  next_at timestamptz not null
);

-- Every process hears when a key of the tokens was made or retired.
create function notify_signing_keys() returns trigger language plpgsql as $$
begin
  perform pg_notify('skycrate_signing_keys', '');
  return null;
end $$;
create trigger signing_keys_changed after insert or update or delete on signing_keys
  for each statement execute function notify_signing_keys();
