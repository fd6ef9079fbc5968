import { AppError } from '../errors/app-error.ts'
import type { CopyStore } from '../stores/copy-store.ts'
import type { StoreResult } from '../stores/object-store.ts'
import type { StoredVersion, VersionStore } from '../stores/version-store.ts'

/** Deletions in a row that are undone one by one; beyond that the version is copied. */
const MAX_MARKERS = 20
/** Versions looked through for the one to restore. */
const MAX_PAGES = 100

interface Restored {
  readonly versionId: string
  readonly size: number
}

/**
 * Makes a version the current one again. The newest version of a deleted object comes back by deleting the deletion, of
 * any size and at once; any other is copied on top, so that no version is lost.
 *
 * @param versionId undefined: the newest version before the deletion; an object that is not deleted stays as it is
 * @throws AppError `not-found`, `invalid-request`, `conflict`
 */
export async function restoreVersion(
  store: VersionStore & CopyStore,
  bucket: string,
  key: string,
  versionId: string | undefined,
): Promise<StoreResult<Restored>> {
  for (let markers = 0; ; markers++) {
    const listed = await store.listVersions(bucket, key, undefined, 1000)
    if (!listed.ok) return listed
    const { versions, next } = listed.value
    const [latest] = versions
    if (latest === undefined) throw notFound()
    const wanted = await findWanted(store, bucket, key, versionId, { versions, next })
    if (wanted.isLatest) return { ok: true, value: restored(wanted) }
    const newest = versions.find(({ isDeleteMarker }) => !isDeleteMarker)
    if (latest.isDeleteMarker && wanted.versionId === newest?.versionId && markers < MAX_MARKERS) {
      const undone = await store.deleteVersion(bucket, key, latest.versionId)
      if (!undone.ok) return undone
      continue
    }
    return copyOnTop(store, bucket, key, wanted, latest)
  }
}

async function findWanted(
  store: VersionStore,
  bucket: string,
  key: string,
  versionId: string | undefined,
  first: { readonly versions: readonly StoredVersion[]; readonly next: string | undefined },
): Promise<StoredVersion> {
  let { versions, next } = first
  for (let pages = 1; ; pages++) {
    const found = versions.find((each) =>
      versionId === undefined ? !each.isDeleteMarker : each.versionId === versionId,
    )
    if (found?.isDeleteMarker === true) {
      throw new AppError('invalid-request', undefined, {
        errors: [{ path: '/versionId', message: 'is a deletion; name the version before it' }],
      })
    }
    if (found) return found
    if (next === undefined || pages === MAX_PAGES) throw notFound()
    const page = await store.listVersions(bucket, key, next, 1000)
    if (!page.ok) throw notFound()
    ;({ versions, next } = page.value)
  }
}

async function copyOnTop(
  store: VersionStore & CopyStore,
  bucket: string,
  key: string,
  wanted: StoredVersion,
  latest: StoredVersion,
): Promise<StoreResult<Restored>> {
  // Where versioning is off, a write replaces the version `null` for good.
  if (latest.versionId === 'null' && !latest.isDeleteMarker && !(await store.keepsVersions(bucket))) {
    throw new AppError('conflict', 'The bucket keeps no versions any more: the current file would be lost.')
  }
  const { versionId, etag, size, storageClass } = wanted
  const from = { bucket, key, versionId, etag, size, storageClass }
  const copied = await store.copyObject({ from, to: { bucket, key }, ifAbsent: false })
  if (copied.ok) return { ok: true, value: { versionId: copied.value.versionId ?? 'null', size } }
  switch (copied.reason) {
    case 'no-such-bucket':
      return { ok: false, reason: 'no-such-bucket' }
    case 'archived':
      throw new AppError('conflict', 'This version is archived. Ask an administrator to restore it from the archive.')
    case 'no-such-key':
    case 'source-changed':
    case 'exists':
      throw notFound()
  }
}

const restored = ({ versionId, size }: StoredVersion): Restored => ({ versionId, size })

const notFound = (): AppError => new AppError('not-found', 'There is no such version of this object.')
