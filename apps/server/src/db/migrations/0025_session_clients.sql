-- The app that a session of a built-in account was started in, by the client id that it named; null for SkyCrate's own.
alter table sessions add column client text;
