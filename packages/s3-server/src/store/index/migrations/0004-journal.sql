-- The last entry of the journal that this index holds.
CREATE TABLE journal (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  position INTEGER NOT NULL
) STRICT;
INSERT INTO journal VALUES (1, 0);

-- The bytes of small blobs as a file would hold them: sealed, or followed by their checksum.
CREATE TABLE blob_content (
  id INTEGER PRIMARY KEY,
  content BLOB NOT NULL
) STRICT;

-- NULL: the bytes lie in a file of the blob's name.
ALTER TABLE blob ADD COLUMN content_id INTEGER;
