import type { Random } from './random.ts'
import type { KeyHistory } from './key-history.ts'
import type { Versioning } from './key-event.ts'

/** An upload that a client was told of. */
export interface KnownUpload {
  readonly id: string
  /** Entity tags by part number, as last acknowledged. */
  readonly parts: Map<number, string>
  uses: number
}

export interface BucketUnderTest {
  readonly name: string
  /** Whether it has object lock. */
  readonly isLocked: boolean
  readonly places: readonly Place[]
  versioning: Versioning
}

/** One key, and what clients remember of it: some of that may be gone by now, which is as it should be. */
export interface Place {
  readonly bucket: BucketUnderTest
  readonly key: string
  readonly history: KeyHistory
  readonly versionIds: string[]
  readonly etags: string[]
  readonly uploads: KnownUpload[]
}

const REMEMBERED = 10

/** Adds to what is remembered; the oldest is forgotten. */
export const remember = (list: string[], item: unknown): void => {
  if (typeof item !== 'string' || list.includes(item)) return
  list.push(item)
  if (list.length > REMEMBERED) list.shift()
}

/** One of the things remembered, with this probability. */
export const recall = (random: Random, list: readonly string[], probability: number): string | undefined =>
  list.length > 0 && random.chance(probability) ? random.pick(list) : undefined
