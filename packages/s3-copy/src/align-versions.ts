import type { Version } from './version.ts'

export interface Alignment {
  /** For each version of the source, oldest first, the one of the target that is its copy. */
  readonly copies: readonly (Version | undefined)[]
  /** What the target has besides. */
  readonly extras: readonly Version[]
}

const signature = ({ isMarker, size, etag }: Version): string => (isMarker ? 'marker' : `${size} ${etag}`)

/**
 * Finds in the target's versions of a key the copies of the source's: by size and ETag, in the same order, each once. Where
 * that does not tell because the target makes ETags of its own, `isSame` is asked about two versions of the same size.
 */
export const alignVersions = async (
  source: readonly Version[],
  target: readonly Version[],
  isSame: (source: Version, target: Version) => Promise<boolean>,
): Promise<Alignment> => {
  const copies: (Version | undefined)[] = []
  const extras: Version[] = []
  let next = 0
  for (const version of source) {
    const found = target.findIndex((each, at) => at >= next && signature(each) === signature(version))
    const candidate = target[next]
    if (found >= 0) {
      extras.push(...target.slice(next, found))
      copies.push(target[found])
      next = found + 1
    } else if (
      candidate !== undefined &&
      !candidate.isMarker &&
      !version.isMarker &&
      candidate.size === version.size &&
      (await isSame(version, candidate))
    ) {
      copies.push(candidate)
      next++
    } else {
      copies.push(undefined)
    }
  }
  extras.push(...target.slice(next))
  return { copies, extras }
}
