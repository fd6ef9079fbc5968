import { addVersion } from './add-version.ts'
import { alignVersions } from './align-versions.ts'
import { compareAttributes } from './attributes.ts'
import type { BucketCopy } from './bucket-copy.ts'
import type { CopyPlace } from './copy-place.ts'
import { isCopy } from './is-copy.ts'
import type { KeyPair } from './merge-keys.ts'
import { describeObject } from './object-description.ts'
import type { ReportLine } from './report.ts'
import { describeFailure, sayFailure } from './s3-failure.ts'
import { sameBytes } from './same-bytes.ts'
import type { RefusedRequests } from './send-without-refused.ts'
import type { Version } from './version.ts'

/** How a bucket's keys are brought over. */
export interface KeyCopy extends BucketCopy {
  /** Whether the target keeps more than the newest version. */
  readonly keepsHistory: boolean
  readonly refused: RefusedRequests
}

const GONE = new Set(['NoSuchKey', 'NoSuchVersion', 'NotFound'])

/** What a deep or shallow look at a copy and its original finds. */
const verifyVersion = async (
  copy: KeyCopy,
  place: CopyPlace,
  source: Version,
  there: Version,
): Promise<Extract<ReportLine, { kind: 'version' }>['lost']> => {
  const original = {
    client: place.from.client,
    place: { bucket: place.bucket, key: place.key, versionId: source.versionId },
  }
  const copied = {
    client: place.to.client,
    place: { bucket: place.toBucket, key: place.toKey, versionId: there.versionId },
  }
  const [here, now] = await Promise.all([
    describeObject(original.client, original.place, true),
    describeObject(copied.client, copied.place, true),
  ])
  if (copy.mode === 'verify-deep' && !(await sameBytes(original, copied))) throw new Error('the bytes are not the same')
  return compareAttributes(here, now, new Date())
}

/** Brings over what the target lacks of one key, oldest first, and says what became of each version. */
export const copyKey = async (copy: KeyCopy, pair: KeyPair): Promise<void> => {
  const { from, to, bucket, toBucket, toPrefix, mode, report, tally, keepsHistory, refused, restoreDays } = copy
  const { key } = pair
  const toKey = toPrefix + key
  const place: CopyPlace = { from, to, bucket, key, toBucket, toKey, refused, restoreDays }
  const say = (line: ReportLine): void => {
    report.write(line)
    tally.add(line)
  }
  const sayVersion = (
    { versionId, isMarker, size }: Version,
    rest: Omit<
      Extract<ReportLine, { kind: 'version' }>,
      'kind' | 'bucket' | 'key' | 'versionId' | 'isMarker' | 'size' | 'toBucket' | 'toKey'
    >,
  ): void => {
    say({ kind: 'version', ...rest, bucket, key, versionId, isMarker, size, toBucket, toKey })
  }
  const all = pair.source?.versions ?? []
  const there = pair.target?.versions ?? []
  // Without a history a key that is deleted is a key that is not there.
  const newest = all.at(-1)
  const wanted = keepsHistory ? all : newest === undefined || newest.isMarker ? [] : [newest]
  if (wanted.length > 0) tally.counts.keys++
  if (!keepsHistory) {
    for (const version of all.slice(0, -1))
      sayVersion(version, { status: 'missing', reason: 'the target keeps no versions' })
  }

  const { copies, extras } = await alignVersions(wanted, there, (source, target) => isCopy(place, source, target))
  const isStale = (source: Version, target: Version | undefined): boolean =>
    !keepsHistory && target !== undefined && source.modifiedAt > target.modifiedAt
  const found = copies.map((target, at) => {
    const source = wanted[at]
    return source !== undefined && isStale(source, target) ? undefined : target
  })
  const lastFound = found.findLastIndex((target) => target !== undefined)
  const known = new Set(there.flatMap(({ versionId }) => (versionId === undefined ? [] : [versionId])))

  /** Some stores, as Ceph, keep one delete marker of several in a row: it stands for all of them. */
  const isFolded = (at: number): boolean =>
    wanted[at]?.isMarker === true &&
    wanted[at - 1]?.isMarker === true &&
    found[at - 1] !== undefined &&
    (at < lastFound || mode.startsWith('verify'))

  for (const [at, source] of wanted.entries()) {
    if (found[at] === undefined && isFolded(at)) found[at] = found[at - 1]
    const target = found[at]
    try {
      if (target !== undefined) {
        const lost =
          mode.startsWith('verify') && !source.isMarker ? await verifyVersion(copy, place, source, target) : []
        sayVersion(source, {
          status: 'present',
          toVersionId: target.versionId,
          ...(lost === undefined || lost.length === 0 ? {} : { lost }),
        })
      } else if (mode.startsWith('verify')) {
        sayVersion(source, { status: 'missing' })
      } else if (at < lastFound) {
        sayVersion(source, { status: 'missing', reason: 'newer versions are there already' })
      } else if (mode === 'dry-run') {
        sayVersion(source, { status: 'would copy' })
      } else {
        const name = { bucket, key, versionId: source.versionId, toBucket, toKey }
        const added = await addVersion(place, source, known, {
          find: () => report.findUpload(name),
          keep: (uploadId) => {
            report.write({ kind: 'upload', ...name, uploadId })
          },
        })
        if (added.versionId !== undefined) known.add(added.versionId)
        sayVersion(source, {
          status: 'copied',
          toVersionId: added.versionId,
          verifiedBy: added.verifiedBy,
          lost: added.lost,
        })
      }
    } catch (error) {
      if (GONE.has(describeFailure(error).code) && mode === 'copy') {
        sayVersion(source, { status: 'gone' })
        continue
      }
      // What is newer must not come before it: the order could not be mended.
      const reason = sayFailure(error)
      sayVersion(source, { status: target === undefined ? 'missing' : 'differs', reason })
      if (target !== undefined) continue
      for (const later of wanted.slice(at + 1))
        sayVersion(later, { status: 'missing', reason: 'an older version is missing' })
      break
    }
  }
  const isReplaced = !keepsHistory && wanted.length > 0
  if (!isReplaced) {
    for (const { versionId, isMarker } of extras)
      say({ kind: 'extra', toBucket, toKey, toVersionId: versionId, isMarker })
  }
}
