import type { CopyPlace } from './copy-place.ts'
import { describeObject } from './object-description.ts'
import type { ObjectDescription } from './object-description.ts'
import { readsAlike } from './same-bytes.ts'
import type { Version } from './version.ts'

/** Whether an ETag is the MD5 of the bytes: of what was put whole and is not sealed with a key that S3 does not know alone. */
const isDigest = ({ etag, encryption }: ObjectDescription): boolean =>
  /^[0-9a-f]{32}$/.test(etag) && (encryption === undefined || encryption === 'AES256')

/** Whether two versions of one size, whose ETags differ, hold the same bytes: by their checksums, else by reading both. */
export const isCopy = async (place: CopyPlace, source: Version, copy: Version): Promise<boolean> => {
  const { from, to, bucket, key, toBucket, toKey } = place
  const original = { client: from.client, place: { bucket, key, versionId: source.versionId } }
  const copied = { client: to.client, place: { bucket: toBucket, key: toKey, versionId: copy.versionId } }
  const [here, there] = await Promise.all([
    describeObject(original.client, original.place, false),
    describeObject(copied.client, copied.place, false),
  ])
  if (isDigest(here) && isDigest(there)) return false
  const { checksum } = here
  if (checksum !== undefined && checksum.field === there.checksum?.field && checksum.type === there.checksum.type) {
    return checksum.value === there.checksum.value
  }
  return readsAlike(original, copied)
}
