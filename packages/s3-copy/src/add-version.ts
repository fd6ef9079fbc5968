import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { compareAttributes } from './attributes.ts'
import type { CopyPlace } from './copy-place.ts'
import { listKeys } from './list-keys.ts'
import { mendCopy } from './mend-copy.ts'
import type { NewVersion } from './new-version.ts'
import { describeObject } from './object-description.ts'
import type { ObjectDescription } from './object-description.ts'
import type { UploadMemory } from './put-multipart.ts'
import { partsOfEtag, putMultipart } from './put-multipart.ts'
import type { Put } from './put-version.ts'
import { putVersion } from './put-version.ts'
import { restoreArchived } from './restore-archived.ts'
import { readsAlike } from './same-bytes.ts'
import type { Version } from './version.ts'
import { withRetries } from './with-retries.ts'

/** All of a key at the target, oldest first. */
const versionsAtTarget = async ({ to, toBucket, toKey }: CopyPlace): Promise<readonly Version[]> => {
  for await (const { key, versions } of listKeys(to.client, toBucket, toKey)) {
    return key === toKey ? versions : []
  }
  return []
}

const verifiedBy = (
  { source, md5, isChecksumVerified }: Put,
  { etag }: ObjectDescription,
): NewVersion['verifiedBy'] => {
  if (etag === source.etag) return 'etag'
  if (isChecksumVerified) return 'checksum'
  return md5 !== '' && etag === md5 ? 'md5' : undefined
}

/**
 * Adds a version of the source to the target's as the newest of its key. Where it is not known whether the store has done
 * it (no answer came), it looks before it does it again.
 *
 * @param known ids of the target's versions of this key so far
 */
export const addVersion = (
  place: CopyPlace,
  version: Version,
  known: ReadonlySet<string>,
  memory: UploadMemory,
): Promise<NewVersion> =>
  withRetries(async (attempt) => {
    const { to, bucket, key, toBucket, toKey } = place
    if (attempt > 1) {
      const newest = (await versionsAtTarget(place)).at(-1)
      if (
        newest?.versionId !== undefined &&
        newest.versionId !== 'null' &&
        !known.has(newest.versionId) &&
        newest.isMarker === version.isMarker &&
        newest.size === version.size &&
        newest.etag === version.etag
      ) {
        return { versionId: newest.versionId, etag: newest.etag, verifiedBy: 'etag', lost: [] }
      }
    }
    if (version.isMarker) {
      const { VersionId } = await to.once.send(new DeleteObjectCommand({ Bucket: toBucket, Key: toKey }))
      return { versionId: VersionId, etag: '', verifiedBy: 'etag', lost: [] }
    }
    const parts = partsOfEtag(version.etag)
    const write = (): Promise<Put> =>
      parts === undefined ? putVersion(place, version.versionId) : putMultipart(place, version.versionId, parts, memory)
    const put = await write().catch(async (error: unknown) => {
      if (!(await restoreArchived(place, version.versionId, error))) throw error
      return write()
    })
    const at = { bucket: toBucket, key: toKey, versionId: put.versionId }
    const describe = (): Promise<ObjectDescription> => describeObject(to.client, at, put.source.tags.length > 0)
    let copy = await describe()
    let lost = compareAttributes(put.source, copy, new Date())
    if (await mendCopy(to.client, at, put.source, lost)) {
      copy = await describe()
      lost = compareAttributes(put.source, copy, new Date())
    }
    const original = { client: place.from.client, place: { bucket, key, versionId: version.versionId } }
    const proof =
      verifiedBy(put, copy) ?? ((await readsAlike(original, { client: to.client, place: at })) ? 'reading' : undefined)
    return { versionId: put.versionId, etag: copy.etag, verifiedBy: proof, lost }
  })
