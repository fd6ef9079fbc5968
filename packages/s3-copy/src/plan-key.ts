import { alignVersions } from './align-versions.ts'
import type { KeyPair } from './merge-keys.ts'
import type { Version } from './version.ts'

/** What is to become of a version of the source. */
export type Step =
  | { readonly step: 'present'; readonly source: Version; readonly target: Version }
  | {
      readonly step: 'copy'
      readonly source: Version
      /** Of a delete marker right after another: that one's copy. Some stores, as Ceph, keep one of several in a row. */
      readonly repeated: Version | undefined
    }
  | { readonly step: 'impossible'; readonly source: Version; readonly reason: string }

export interface KeyPlan {
  /** Oldest first. */
  readonly steps: readonly Step[]
  /** What the target has besides, and keeps. */
  readonly extras: readonly Version[]
}

/** Whether a copy, which would replace it for good, would come over something that is newer than what is copied. */
const isNewer = (there: Version | undefined, version: Version): boolean =>
  there !== undefined && !there.isMarker && there.modifiedAt > version.modifiedAt

/**
 * Compares what both sides have of a key.
 *
 * @param keepsHistory whether the target keeps more than the newest version
 * @param isSame asked about two versions of one size whose ETags differ
 */
export const planKey = async (
  { source, target }: KeyPair,
  keepsHistory: boolean,
  isSame: (source: Version, target: Version) => Promise<boolean>,
): Promise<KeyPlan> => {
  const versions = source?.versions ?? []
  const there = target?.versions ?? []
  const older = keepsHistory ? [] : versions.slice(0, -1)
  // Without a history, a key that is deleted is a key that is not there.
  const wanted = versions.slice(older.length).filter(({ isMarker }) => keepsHistory || !isMarker)

  const { copies, extras } = await alignVersions(wanted, there, isSame)
  const found = wanted.map((version, at) => {
    const copy = copies[at]
    // The same bytes once more: what else it has may be new.
    const isStale = !keepsHistory && copy !== undefined && version.modifiedAt > copy.modifiedAt
    return isStale ? undefined : copy
  })
  const last = found.findLastIndex((copy) => copy !== undefined)
  const steps: Step[] = older.map((version) => ({
    step: 'impossible',
    source: version,
    reason: 'the target keeps no versions',
  }))
  for (const [at, version] of wanted.entries()) {
    const repeated = version.isMarker && wanted[at - 1]?.isMarker === true ? found[at - 1] : undefined
    if (at < last) found[at] ??= repeated
    const copy = found[at]
    if (copy !== undefined) steps.push({ step: 'present', source: version, target: copy })
    else if (!keepsHistory && isNewer(there.at(-1), version)) {
      steps.push({
        step: 'impossible',
        source: version,
        reason: 'the target has a newer object there, and keeps no versions',
      })
    } else if (at > last) steps.push({ step: 'copy', source: version, repeated })
    else steps.push({ step: 'impossible', source: version, reason: 'newer versions are there already' })
  }
  return { steps, extras: !keepsHistory && steps.some(({ step }) => step === 'copy') ? [] : extras }
}
