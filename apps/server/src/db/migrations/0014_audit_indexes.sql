-- Downloads are nearly all of a busy log, and each entry of an index costs time at every one of them. They are found without
-- an entry: whatever is frequent is met soon on the way through the newest events.
drop index audit_events_action;
create index audit_events_action on audit_events (action, outcome, id) where action not in ('object.get', 'object.head');
