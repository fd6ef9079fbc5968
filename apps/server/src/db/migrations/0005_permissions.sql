alter table permissions add column updated_at timestamptz not null default now();
update permissions set updated_at = created_at;

-- The same grant in two rows would survive the deletion of one of them. The oldest stays.
delete from permissions where id in (
  select id from (
    select id, row_number() over (
      partition by store, bucket, principal_kind, principal, principal_issuer, prefix,
        can_read, can_write, can_delete, can_list, expires_at
      order by id
    ) as place from permissions
  ) same where place > 1
);
-- Hashes, since an index takes no more than 2,704 bytes a row.
create unique index permissions_same on permissions (
  store, bucket, principal_kind, md5(principal), md5(principal_issuer), md5(prefix),
  can_read, can_write, can_delete, can_list, expires_at
) nulls not distinct;

-- Lists: by id, or within a bucket by prefix. Byte order, so that what begins with a text is one range.
drop index permissions_principal;
create index permissions_principal on permissions (principal_kind, principal, id);
create index permissions_kind on permissions (principal_kind, id);
drop index permissions_bucket;
create index permissions_bucket on permissions (store, bucket, prefix collate "C", id);
create index permissions_bucket_kind on permissions (store, bucket, principal_kind, prefix collate "C", id);
create index permissions_bucket_principal on permissions (store, bucket, principal_kind, principal, prefix collate "C", id);
-- Who can do something: those that depend on who asks are matched one by one.
create index permissions_variable on permissions (store, bucket) where position('${' in prefix) > 0;

-- Whose folder a verified address names. lower() of the C collation folds ASCII alone, as `escapeEmail` does.
create index users_verified_email on users (lower(email collate "C")) where email_verified;

-- One notification for each principal whose permissions a statement changed, or a single one when there are very many:
-- an import must not drown the processes that listen.
drop trigger permissions_changed on permissions;
drop function notify_permission_change();
create function notify_principals(names text[]) returns void language plpgsql as $$
begin
  if cardinality(names) > 1000 then
    perform pg_notify('skycrate_permissions', '*');
  else
    perform pg_notify('skycrate_permissions', name) from unnest(names) as name;
  end if;
end $$;
create function notify_permissions_inserted() returns trigger language plpgsql as $$
begin
  perform notify_principals(array(select distinct principal_kind || ':' || principal from new_rows));
  return null;
end $$;
create function notify_permissions_updated() returns trigger language plpgsql as $$
begin
  perform notify_principals(array(
    select principal_kind || ':' || principal from old_rows union select principal_kind || ':' || principal from new_rows
  ));
  return null;
end $$;
create function notify_permissions_deleted() returns trigger language plpgsql as $$
begin
  perform notify_principals(array(select distinct principal_kind || ':' || principal from old_rows));
  return null;
end $$;
create trigger permissions_inserted after insert on permissions
  referencing new table as new_rows for each statement execute function notify_permissions_inserted();
create trigger permissions_updated after update on permissions
  referencing old table as old_rows new table as new_rows for each statement execute function notify_permissions_updated();
create trigger permissions_deleted after delete on permissions
  referencing old table as old_rows for each statement execute function notify_permissions_deleted();
