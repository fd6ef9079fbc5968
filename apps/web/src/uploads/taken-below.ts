import type { SkyCrateClient } from '@skycrate/client/client'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { NewUpload } from './new-upload.ts'
import { type TakenKeys, takenKeys } from './taken-keys.ts'

/** The most folders that are listed, and the most keys in all of them. The store refuses what is taken beyond that. */
const FOLDERS = 10
const KEYS = 10_000

/**
 * What stands already in the folders that files are uploaded with: a folder that is uploaded once more is asked about
 * before its files are sent in vain.
 * @returns nothing of folders that the person may not list
 */
export async function takenBelow(
  api: SkyCrateClient,
  bucket: string,
  prefix: string,
  files: readonly NewUpload[],
): Promise<TakenKeys> {
  const within = files.filter(({ path }) => path.includes('/'))
  const folders = new Set(within.map(({ path }) => path.slice(0, path.indexOf('/') + 1)))
  const keys: string[] = []
  for (const folder of [...folders].slice(0, FOLDERS)) {
    try {
      for await (const entry of api.listAll(bucket, { prefix: `${prefix}${folder}`, limit: 1_000 })) {
        if (entry.kind === 'object') keys.push(entry.key)
        if (keys.length >= KEYS) break
      }
    } catch (error) {
      if (!(error instanceof SkyCrateError)) throw error
    }
  }
  return takenKeys(keys)
}
