import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobId } from './blobs/blob-id.ts'
import { emptyTemporary } from './blobs/blob-store.ts'
import { STRAY_CONTENTS, STRAY_OBJECT_PARTS, STRAY_UPLOAD_PARTS } from './tables/blob-references.ts'
import { findBlobUsers } from './tables/blob-users.ts'
import type { BlobUser } from './tables/blob-users.ts'
import { checkStore } from './check-store.ts'
import type { CheckReport, Finding } from './check-store.ts'
import type { ClosedStore } from './closed-store.ts'
import { syncDirectory } from './durable-file.ts'
import { isCorruption } from './index/is-corruption.ts'

export interface RepairOptions {
  /** Reads every byte to find what is damaged. */
  readonly deep: boolean
  /** Takes versions whose bytes are lost out of the index; what is left of their files is kept in `damaged/`. */
  readonly dropDamaged: boolean
}

export interface RepairReport {
  /** As it was found. */
  readonly before: CheckReport
  /** What is still wrong afterwards. */
  readonly left: readonly Finding[]
  /** Versions and upload parts that were taken out. */
  readonly dropped: readonly BlobUser[]
}

const idsOf = (findings: readonly Finding[], kinds: readonly Finding['kind'][]): BlobId[] =>
  findings.flatMap((finding) => (kinds.includes(finding.kind) && 'blobId' in finding ? [finding.blobId] : []))

const repairRows = async ({ index }: ClosedStore, findings: readonly Finding[]): Promise<void> => {
  await index.write(() => {
    index.prepare(`DELETE FROM object_part WHERE ${STRAY_OBJECT_PARTS}`).run()
    index.prepare(`DELETE FROM upload_part WHERE ${STRAY_UPLOAD_PARTS}`).run()
  })
  await index.write(() => {
    for (const finding of findings) {
      if (finding.kind !== 'references') continue
      if (finding.counted === 0) index.prepare('DELETE FROM blob WHERE id = ?').run(finding.blobId)
      else {
        index.prepare('UPDATE blob SET references_count = ? WHERE id = ?').run(finding.counted, finding.blobId)
      }
    }
    index.prepare(`DELETE FROM blob_content WHERE ${STRAY_CONTENTS}`).run()
  })
}

const drop = async (store: ClosedStore, damaged: readonly BlobId[]): Promise<readonly BlobUser[]> => {
  const { index, objects, blobTable, blobs } = store
  const users = findBlobUsers(index, damaged)
  const folder = join(store.directory, 'damaged')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // The files first: once the index lets go of them a crash would have them swept.
  for (const id of damaged) {
    const content = blobTable.find(id)?.content
    if (content === undefined) await blobs.moveAway(id, folder)
    else await writeFile(join(folder, id), content, { mode: 0o600 })
  }
  await syncDirectory(folder)
  const freed = await index.write(() =>
    users.flatMap((user) => {
      if (user.kind === 'version') return objects.discardVersion(user.bucketId, user.key, user.id).freed
      index.prepare('DELETE FROM upload_part WHERE upload_id = ? AND number = ?').run(user.id, user.part ?? 0)
      return blobTable.release(user.blobId) ? [user.blobId] : []
    }),
  )
  blobs.remove(freed)
  return users
}

/**
 * Makes a data directory whole again as far as that goes: indexes of the SQLite file, counts, rows and files that belong
 * to nothing. Bytes that are lost stay lost; `dropDamaged` takes their versions out of the way.
 *
 * @throws Error when the index is damaged beyond that
 */
export const repairStore = async (store: ClosedStore, options: RepairOptions): Promise<RepairReport> => {
  let before = await checkStore(store, options.deep)
  if (before.findings.some(({ kind }) => kind === 'index')) {
    try {
      store.index.prepare('REINDEX').run()
    } catch (error) {
      if (!isCorruption(error)) throw error
    }
    before = await checkStore(store, options.deep)
    if (before.findings.some(({ kind }) => kind === 'index')) {
      throw new Error('The index is damaged beyond repair: repair --rebuild-index makes it anew.')
    }
  }
  let dropped: readonly BlobUser[] = []
  // Only then the counts: versions that go change them.
  if (options.dropDamaged) dropped = await drop(store, idsOf(before.findings, ['blob', 'unlisted']))
  // Twice: without stray parts some counts are others.
  for (let round = 0; round < 2; round++) await repairRows(store, (await checkStore(store, false)).findings)
  const after = await checkStore(store, options.deep)
  store.blobs.remove(idsOf(after.findings, ['orphan']))
  await emptyTemporary(store.directory)
  return { before, left: after.findings.filter(({ kind }) => kind !== 'orphan'), dropped }
}
