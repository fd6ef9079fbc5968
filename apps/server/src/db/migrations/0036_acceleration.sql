-- Whether URLs of a bucket lead to S3 Transfer Acceleration.
alter table buckets add column accelerated boolean not null default false;

-- Every process that signs URLs hears of a change.
create trigger bucket_acceleration_changed
  after update of accelerated on buckets
  for each row execute function notify_bucket_change();
