-- What rules that delete and Intelligent-Tiering are measured by.
-- Old versions and unfinished uploads of the latest inventory, by folder, class, day and size: JSON, gzipped.
alter table usage_buckets add column ages bytea;
-- What counts have shown of a rule beside `moved`: JSON.
alter table usage_applied add column observed jsonb not null default '{}';
