import { randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(8192)
let used = pool.length

/**
 * Fills `target` with randomness for ids, from a pool: one call of the system's generator serves hundreds of ids. For
 * names that must differ, not for secrets.
 */
export function idRandomness(target: Buffer): Buffer {
  if (used + target.length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  pool.copy(target, 0, used, used + target.length)
  used += target.length
  return target
}
