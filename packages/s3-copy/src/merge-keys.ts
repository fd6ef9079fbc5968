import { compareKeys } from './list-keys.ts'
import type { KeyVersions } from './version.ts'

/** What both sides hold of one key; at least one of them is there. */
export interface KeyPair {
  /** The key's name at the source. */
  readonly key: string
  readonly source: KeyVersions | undefined
  readonly target: KeyVersions | undefined
}

/**
 * Walks two ordered listings side by side.
 *
 * @param prefix what the target's keys have before those of the source
 */
export async function* mergeKeys(
  source: AsyncGenerator<KeyVersions>,
  target: AsyncGenerator<KeyVersions>,
  prefix: string,
): AsyncGenerator<KeyPair> {
  try {
    let left = await source.next()
    let right = await target.next()
    while (left.done !== true || right.done !== true) {
      const here = left.done === true ? undefined : left.value
      const there = right.done === true ? undefined : right.value
      const order = here === undefined ? 1 : there === undefined ? -1 : compareKeys(prefix + here.key, there.key)
      const pair = { source: order <= 0 ? here : undefined, target: order >= 0 ? there : undefined }
      yield { key: here !== undefined && order <= 0 ? here.key : (there?.key ?? '').slice(prefix.length), ...pair }
      if (pair.source !== undefined) left = await source.next()
      if (pair.target !== undefined) right = await target.next()
    }
  } finally {
    await source.return(undefined)
    await target.return(undefined)
  }
}
