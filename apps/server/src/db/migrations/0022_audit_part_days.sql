-- Of a day that is not over, the sums of what was before this time; null for a whole day.
alter table audit_days add column until timestamptz;
