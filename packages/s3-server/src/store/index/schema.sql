-- Keys are compared byte by byte in UTF-8 (the database's encoding, BINARY collation), which is S3's order.
-- Times are milliseconds since 1970.

CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('sequence', 0);

-- The last entry of the journal that this index holds.
CREATE TABLE journal (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  position INTEGER NOT NULL
) STRICT;
INSERT INTO journal VALUES (1, 0);

CREATE TABLE bucket (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  versioning TEXT NOT NULL DEFAULT 'Unversioned' CHECK (versioning IN ('Unversioned', 'Enabled', 'Suspended')),
  -- NULL: no object lock. Else its configuration as JSON; once there it stays, and so do the versions (versioning is then
  -- Enabled for good). What locks a version lies in its attributes.
  object_lock TEXT
) STRICT;

-- One row for each configuration that was put: the document as JSON, or for a policy its own text.
CREATE TABLE bucket_setting (
  bucket_id INTEGER NOT NULL REFERENCES bucket (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (bucket_id, kind)
) STRICT, WITHOUT ROWID;

-- Every blob that may stay. Ids start with their time, so inserts go to the end of the tree.
CREATE TABLE blob (
  id TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  -- The data key of an encrypted blob, wrapped by a key of the key ring or of the client; NULL when the bytes lie there as
  -- they came.
  wrapped_key BLOB,
  references_count INTEGER NOT NULL DEFAULT 1,
  -- 1: what is stored ends with a checksum for each frame of its bytes. 0: each frame has the tag of its encryption.
  summed INTEGER NOT NULL CHECK (summed IN (0, 1)),
  -- NULL: the bytes lie in a file of the blob's name.
  content_id INTEGER
) STRICT, WITHOUT ROWID;

-- The bytes of small blobs as a file would hold them.
CREATE TABLE blob_content (
  id INTEGER PRIMARY KEY,
  content BLOB NOT NULL
) STRICT;

-- Blobs that a scrub found damaged; gone from here when the blob is.
CREATE TABLE blob_damage (
  blob_id TEXT PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  damage TEXT NOT NULL CHECK (damage IN ('missing', 'cut', 'changed')),
  found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

-- The current version of each key, unless that is a delete marker: what a plain list shows.
CREATE TABLE object (
  bucket_id INTEGER NOT NULL REFERENCES bucket (id),
  key TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  modified_at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  -- NULL: the bytes are the blobs of object_part, in order of their numbers.
  blob_id TEXT,
  encryption TEXT,
  attributes TEXT NOT NULL,
  PRIMARY KEY (bucket_id, key)
) STRICT, WITHOUT ROWID;

-- Noncurrent versions, and delete markers (blob_id NULL and no parts). A higher sequence is newer.
CREATE TABLE object_history (
  bucket_id INTEGER NOT NULL REFERENCES bucket (id),
  key TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  modified_at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  storage_class TEXT NOT NULL,
  blob_id TEXT,
  encryption TEXT,
  attributes TEXT NOT NULL,
  is_delete_marker INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (bucket_id, key, sequence DESC)
) STRICT, WITHOUT ROWID;

CREATE TABLE object_part (
  sequence INTEGER NOT NULL,
  number INTEGER NOT NULL,
  size INTEGER NOT NULL,
  blob_id TEXT NOT NULL,
  checksums TEXT NOT NULL,
  PRIMARY KEY (sequence, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (
  bucket_id INTEGER NOT NULL REFERENCES bucket (id),
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  initiated_at INTEGER NOT NULL,
  storage_class TEXT NOT NULL,
  encryption TEXT,
  attributes TEXT NOT NULL,
  PRIMARY KEY (bucket_id, key, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload_part (
  upload_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  checksums TEXT NOT NULL,
  PRIMARY KEY (upload_id, number)
) STRICT, WITHOUT ROWID;

-- What a completed upload answered, kept for a day so that a repeated completion gets the same answer.
CREATE TABLE completed_upload (
  id TEXT PRIMARY KEY,
  bucket_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  completed_at INTEGER NOT NULL,
  etag TEXT NOT NULL,
  version_id TEXT NOT NULL,
  checksums TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX completed_upload_completed_at ON completed_upload (completed_at);

-- Events that wait for their webhook. What is in one lane goes out in order, and a key has one lane.
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  webhook TEXT NOT NULL,
  lane INTEGER NOT NULL,
  raised_at INTEGER NOT NULL,
  details TEXT NOT NULL
) STRICT;
CREATE INDEX event_webhook ON event (webhook, lane);
