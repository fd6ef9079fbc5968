-- Keys are compared byte by byte in UTF-8 (the database's encoding, BINARY collation), which is S3's order.
-- Times are milliseconds since 1970.

CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('sequence', 0);

CREATE TABLE bucket (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  versioning TEXT NOT NULL DEFAULT 'Unversioned' CHECK (versioning IN ('Unversioned', 'Enabled', 'Suspended'))
) STRICT;

-- One row for each configuration that was put: the document as JSON, or for a policy its own text.
CREATE TABLE bucket_setting (
  bucket_id INTEGER NOT NULL REFERENCES bucket (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (bucket_id, kind)
) STRICT, WITHOUT ROWID;

-- Every file under blobs/ that may stay. Ids start with their time, so inserts go to the end of the tree.
CREATE TABLE blob (
  id TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  -- The data key of an encrypted blob, wrapped by a key of the key ring; NULL when the bytes lie there as they came.
  wrapped_key BLOB,
  references_count INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

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
