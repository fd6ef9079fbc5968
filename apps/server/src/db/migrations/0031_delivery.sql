-- Where a content delivery network serves a bucket's objects, and with which of the configured keys its URLs are signed.
alter table buckets
  add column delivery_url text,
  add column delivery_key_id text,
  add column delivery_cookie_domain text,
  add check ((delivery_url is null) = (delivery_key_id is null)),
  add check (delivery_cookie_domain is null or delivery_url is not null);

-- Every process that signs such URLs hears of a change.
create trigger bucket_delivery_changed
  after update of delivery_url, delivery_key_id, delivery_cookie_domain on buckets
  for each row execute function notify_bucket_change();
