-- Whoever may use a bucket, the bucket is in the list: one that a permission names is registered with it. Permissions are
-- created only for buckets that the store has, so one that was recorded as gone is there again.
create function register_permitted_buckets() returns trigger language plpgsql as $$
begin
  insert into buckets (store, name, kind, state, adopted)
  select distinct store, bucket, 'registered', 'ready', true from added
  on conflict (store, name) do update
    set kind = 'registered', state = 'ready', adopted = true, user_id = null, updated_at = now()
    where buckets.state in ('collided', 'failed', 'deleted');
  return null;
end $$;
create trigger permissions_register_buckets after insert on permissions
  referencing new table as added
  for each statement execute function register_permitted_buckets();
