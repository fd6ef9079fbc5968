-- What a job is about and what came of it, for people: which objects, where to, how many were left out.
alter table jobs add column about jsonb;
