/** Every row that refers to a blob, once each: what `blob.references_count` counts. */
export const BLOB_REFERENCES = `
  SELECT blob_id FROM object WHERE blob_id IS NOT NULL
  UNION ALL SELECT blob_id FROM object_history WHERE blob_id IS NOT NULL
  UNION ALL SELECT blob_id FROM object_part
  UNION ALL SELECT blob_id FROM upload_part`

/** Parts of no object and of no upload. Only damage to the index makes such rows. */
export const STRAY_OBJECT_PARTS = `
  sequence NOT IN (SELECT sequence FROM object UNION ALL SELECT sequence FROM object_history)`
export const STRAY_UPLOAD_PARTS = 'upload_id NOT IN (SELECT id FROM upload)'

/** Bytes of no blob. Only damage to the index makes such rows. */
export const STRAY_CONTENTS = 'id NOT IN (SELECT content_id FROM blob WHERE content_id IS NOT NULL)'
