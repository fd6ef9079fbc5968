-- 1: the file ends with a checksum for each frame of its bytes. 0: encrypted (each frame has its own tag), or written
-- before there were checksums.
ALTER TABLE blob ADD COLUMN summed INTEGER NOT NULL DEFAULT 0;

-- How far the scrub has come in its round, and what its last whole round found.
CREATE TABLE scrub (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  after_blob TEXT NOT NULL DEFAULT '',
  started_at INTEGER,
  finished_at INTEGER,
  blobs INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO scrub (one) VALUES (1);

-- Blobs that a scrub found damaged; gone from here when the blob is.
CREATE TABLE blob_damage (
  blob_id TEXT PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  damage TEXT NOT NULL CHECK (damage IN ('missing', 'cut', 'changed')),
  found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
