-- Events that wait for their webhook. What is in one lane goes out in order, and a key has one lane.
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  webhook TEXT NOT NULL,
  lane INTEGER NOT NULL,
  raised_at INTEGER NOT NULL,
  details TEXT NOT NULL
) STRICT;
CREATE INDEX event_webhook ON event (webhook, lane);
