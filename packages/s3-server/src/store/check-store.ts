import type { BlobDamage } from './blobs/blob-damage-error.ts'
import type { BlobId } from './blobs/blob-id.ts'
import { BLOB_REFERENCES, STRAY_CONTENTS, STRAY_OBJECT_PARTS, STRAY_UPLOAD_PARTS } from './tables/blob-references.ts'
import type { ClosedStore } from './closed-store.ts'
import { isCorruption } from './index/is-corruption.ts'
import { verifyBlob } from './blobs/verify-blob.ts'

/** Something in a data directory that is not as it should be. */
export type Finding =
  /** The SQLite file itself is damaged. */
  | { readonly kind: 'index'; readonly message: string }
  /** The index is as it should be, but could not be made anew. */
  | { readonly kind: 'journal'; readonly message: string }
  /** The index names a file that the disk does not give back as it was written. */
  | { readonly kind: 'blob'; readonly blobId: BlobId; readonly damage: BlobDamage }
  /** Versions or parts refer to a blob that the index has no entry for. */
  | { readonly kind: 'unlisted'; readonly blobId: BlobId }
  | { readonly kind: 'references'; readonly blobId: BlobId; readonly recorded: number; readonly counted: number }
  /** An object's size is not the sum of its blobs. */
  | { readonly kind: 'size'; readonly bucketId: number; readonly key: string; readonly versionId: string }
  | { readonly kind: 'stray-parts'; readonly count: number }
  /** A file that nothing names: left by a crash, removed by the next start. */
  | { readonly kind: 'orphan'; readonly blobId: BlobId }

export interface CheckReport {
  readonly findings: readonly Finding[]
  readonly blobs: number
  readonly bytes: number
}

const BATCH = 500

const checkIndex = ({ index }: ClosedStore, deep: boolean): Finding[] => {
  const pragma = deep ? 'integrity_check' : 'quick_check'
  try {
    return (index.prepare(`PRAGMA ${pragma}`).all() as Record<string, string>[])
      .map((row) => row[pragma] ?? '')
      .filter((message) => message !== 'ok')
      .map((message) => ({ kind: 'index', message }))
  } catch (error) {
    if (!isCorruption(error)) throw error
    return [{ kind: 'index', message: error.message }]
  }
}

const checkRows = ({ index }: ClosedStore): Finding[] => {
  const unlisted = index
    .prepare(`SELECT DISTINCT blob_id AS blobId FROM (${BLOB_REFERENCES}) WHERE blob_id NOT IN (SELECT id FROM blob)`)
    .all() as unknown as { blobId: BlobId }[]
  const references = index
    .prepare(
      `SELECT b.id AS blobId, b.references_count AS recorded, COALESCE(r.counted, 0) AS counted FROM blob b
       LEFT JOIN (SELECT blob_id, COUNT(*) AS counted FROM (${BLOB_REFERENCES}) GROUP BY blob_id) r ON r.blob_id = b.id
       WHERE b.references_count <> COALESCE(r.counted, 0)`,
    )
    .all() as unknown as { blobId: BlobId; recorded: number; counted: number }[]
  const sizes = ['object', 'object_history'].flatMap(
    (table) =>
      index
        .prepare(
          `SELECT v.bucket_id AS bucketId, v.key, v.version_id AS versionId FROM ${table} v
           LEFT JOIN blob b ON b.id = v.blob_id
           WHERE v.size <> CASE WHEN v.blob_id IS NULL
             THEN (SELECT COALESCE(SUM(size), 0) FROM object_part p WHERE p.sequence = v.sequence)
             ELSE COALESCE(b.size, v.size) END`,
        )
        .all() as unknown as { bucketId: number; key: string; versionId: string }[],
  )
  const { strays } = index
    .prepare(
      `SELECT (SELECT COUNT(*) FROM object_part WHERE ${STRAY_OBJECT_PARTS})
         + (SELECT COUNT(*) FROM upload_part WHERE ${STRAY_UPLOAD_PARTS})
         + (SELECT COUNT(*) FROM blob_content WHERE ${STRAY_CONTENTS}) AS strays`,
    )
    .get() as { strays: number }
  return [
    ...unlisted.map(({ blobId }): Finding => ({ kind: 'unlisted', blobId })),
    ...references.map((row): Finding => ({ kind: 'references', ...row })),
    ...sizes.map((row): Finding => ({ kind: 'size', ...row })),
    ...(strays === 0 ? [] : [{ kind: 'stray-parts', count: strays } as const]),
  ]
}

/**
 * Compares the index with itself and with the files: every blob's presence and size, and with `deep` every byte. Changes
 * nothing.
 *
 * @param deep reads everything that is stored
 */
export const checkStore = async (store: ClosedStore, deep: boolean): Promise<CheckReport> => {
  const broken = checkIndex(store, deep)
  // What a damaged index says of the files proves nothing.
  if (broken.length > 0) return { findings: broken, blobs: 0, bytes: 0 }
  const findings = checkRows(store)
  if (store.journalDamage !== undefined) findings.push({ kind: 'journal', message: store.journalDamage })
  let count = 0
  let bytes = 0
  for (let after = ''; ;) {
    const page = store.blobTable.list(after, BATCH)
    for (const blob of page) {
      after = blob.id
      count += 1
      bytes += blob.size
      const damage = await verifyBlob(store.blobs, blob, deep ? () => undefined : undefined)
      if (damage !== undefined) findings.push({ kind: 'blob', blobId: blob.id, damage })
    }
    if (page.length < BATCH) break
  }
  for await (const blobId of store.blobs.files()) {
    if (!store.blobTable.has(blobId)) findings.push({ kind: 'orphan', blobId })
  }
  return { findings, blobs: count, bytes }
}
