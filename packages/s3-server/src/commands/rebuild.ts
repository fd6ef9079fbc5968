import { rebuildIndex } from '../store/index/rebuild-index.ts'
import type { RebuildOptions } from '../store/index/rebuild-index.ts'

/** Makes the index of a stopped store anew. Resolves with the exit code: 0 when nothing is lost, else 1. */
export const rebuild = async (options: RebuildOptions): Promise<number> => {
  const { base, applied, loss } = await rebuildIndex(options)
  const from = base === undefined ? 'the beginning' : `the base at ${base}`
  process.stdout.write(`the index is made anew from ${from} and ${applied} entries of the journal\n`)
  if (loss === undefined) return 0
  process.stdout.write(`${loss}\nwhat came after is lost; the old index and journal are in damaged/\n`)
  return 1
}
