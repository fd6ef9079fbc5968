-- Whether somebody new was deleted before: few are, so the index is small.
create index directory_users_deleted on directory_users (directory_id, external_id) where deleted_at is not null;
