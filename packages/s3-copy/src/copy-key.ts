import { addVersion } from './add-version.ts'
import { compareAttributes } from './attributes.ts'
import type { Attribute } from './attributes.ts'
import type { BucketCopy } from './bucket-copy.ts'
import type { CopyPlace } from './copy-place.ts'
import { isCopy } from './is-copy.ts'
import type { KeyPair } from './merge-keys.ts'
import { describeObject } from './object-description.ts'
import { planKey } from './plan-key.ts'
import type { Step } from './plan-key.ts'
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

type VersionLine = Extract<ReportLine, { kind: 'version' }>
type Outcome = Pick<VersionLine, 'status' | 'toVersionId' | 'verifiedBy' | 'lost' | 'reason'>

const GONE = new Set(['NoSuchKey', 'NoSuchVersion', 'NotFound'])

/** Compares a copy with its original. @throws Error for other bytes */
const verifyVersion = async (
  { mode }: KeyCopy,
  { from, to, bucket, key, toBucket, toKey }: CopyPlace,
  source: Version,
  target: Version,
): Promise<Attribute[]> => {
  const original = { client: from.client, place: { bucket, key, versionId: source.versionId } }
  const copied = { client: to.client, place: { bucket: toBucket, key: toKey, versionId: target.versionId } }
  const [here, there] = await Promise.all([
    describeObject(original.client, original.place, true),
    describeObject(copied.client, copied.place, true),
  ])
  if (mode === 'verify-deep' && !(await sameBytes(original, copied))) throw new Error('the bytes are not the same')
  return compareAttributes(here, there, new Date())
}

/** Does one step. @throws what the stores say */
const takeStep = async (copy: KeyCopy, place: CopyPlace, step: Step, known: Set<string>): Promise<Outcome> => {
  const { mode, report } = copy
  const verifies = mode === 'verify' || mode === 'verify-deep'
  const { source } = step
  switch (step.step) {
    case 'impossible':
      return { status: 'missing', reason: step.reason }
    case 'present': {
      const lost = verifies && !source.isMarker ? await verifyVersion(copy, place, source, step.target) : []
      return { status: 'present', toVersionId: step.target.versionId, ...(lost.length === 0 ? {} : { lost }) }
    }
    case 'copy': {
      const { repeated } = step
      if (verifies) {
        return repeated === undefined ? { status: 'missing' } : { status: 'present', toVersionId: repeated.versionId }
      }
      if (mode === 'dry-run') return { status: 'would copy' }
      const { bucket, key, toBucket, toKey } = place
      const name = { bucket, key, versionId: source.versionId, toBucket, toKey }
      const { versionId, verifiedBy, lost } = await addVersion(place, source, known, {
        find: () => report.findUpload(name),
        keep: (uploadId) => {
          report.write({ kind: 'upload', ...name, uploadId })
        },
      })
      // The store has one marker for both.
      if (repeated !== undefined && (versionId === undefined || known.has(versionId))) {
        return { status: 'present', toVersionId: repeated.versionId }
      }
      if (versionId !== undefined) known.add(versionId)
      return { status: 'copied', toVersionId: versionId, verifiedBy, lost }
    }
  }
}

/** Brings over what the target lacks of one key, oldest first, and says what became of each version. */
export const copyKey = async (copy: KeyCopy, pair: KeyPair): Promise<void> => {
  const { from, to, bucket, toBucket, toPrefix, report, tally, keepsHistory, refused, restoreDays } = copy
  const { key } = pair
  const place: CopyPlace = { from, to, bucket, key, toBucket, toKey: toPrefix + key, refused, restoreDays }
  const { toKey } = place
  const say = (line: ReportLine): void => {
    report.write(line)
    tally.add(line)
  }
  const sayVersion = ({ versionId, isMarker, size }: Version, outcome: Outcome): void => {
    say({ kind: 'version', ...outcome, bucket, key, versionId, isMarker, size, toBucket, toKey })
  }
  if (pair.source !== undefined) tally.counts.keys++
  const plan = await planKey(pair, keepsHistory, (source, target) => isCopy(place, source, target)).catch(
    (error: unknown) => {
      for (const version of pair.source?.versions ?? []) {
        sayVersion(version, { status: 'missing', reason: sayFailure(error) })
      }
    },
  )
  if (plan === undefined) return

  const known = new Set((pair.target?.versions ?? []).flatMap(({ versionId }) => versionId ?? []))
  let isBroken = false
  for (const step of plan.steps) {
    // What is newer must not come before what is missing: the order could not be mended.
    if (isBroken) {
      sayVersion(step.source, { status: 'missing', reason: 'an older version is missing' })
      continue
    }
    try {
      sayVersion(step.source, await takeStep(copy, place, step, known))
    } catch (error) {
      if (step.step === 'copy' && GONE.has(describeFailure(error).code)) {
        sayVersion(step.source, { status: 'gone' })
        continue
      }
      isBroken = step.step === 'copy'
      sayVersion(step.source, { status: isBroken ? 'missing' : 'differs', reason: sayFailure(error) })
    }
  }
  for (const { versionId, isMarker } of plan.extras) {
    say({ kind: 'extra', toBucket, toKey, toVersionId: versionId, isMarker })
  }
}
