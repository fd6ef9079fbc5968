-- Rules that move objects between classes, with what they promised and what was measured since.
create table usage_applied (
  store text not null,
  bucket text not null,
  -- JSON of the rule with its fields in order, so that the same rule is found again.
  rule text not null,
  applied_at timestamptz not null,
  ended_at timestamptz,
  -- Saving of each month as the advice promised it; null for a rule that no advice named.
  promised jsonb,
  -- Size bin → objects and bytes that were in the class already.
  before jsonb not null,
  -- Size bin → objects and bytes that the rule has moved, as the inventory of `measured_at` found them.
  moved jsonb not null default '{}',
  measured_at timestamptz not null,
  -- In the currency of the prices, fees taken off.
  saved double precision not null default 0,
  fees double precision not null default 0,
  primary key (store, bucket, rule, applied_at),
  foreign key (store, bucket) references buckets on delete cascade
);
create unique index usage_applied_open on usage_applied (store, bucket, rule) where ended_at is null;
