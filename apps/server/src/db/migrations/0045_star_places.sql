-- Stars go with their files: where one is moved all its stars are, by place and not by person; where it is deleted they wait
-- until it is restored.
alter table starred add column deleted_at timestamptz;

create index starred_places on starred (store, bucket, key);
