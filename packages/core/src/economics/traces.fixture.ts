import { binOf } from './size-bins.ts'
import type { Cell } from './forecast.ts'
import { READ_DAYS } from './forecast.ts'
import type { Cohort, Flow } from './simulate.ts'
import type { TracedObject } from './brute-force.fixture.ts'

export type Random = () => number

/** mulberry32: 0 ≤ x < 1, the same for a seed everywhere. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

const poisson = (random: Random, mean: number): number => {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}

/**
 * How a bucket is used. Sizes are lognormal with a Pareto tail (Agrawal and others, A Five-Year Study of File-System
 * Metadata, FAST 2007); reads become rarer as an object ages (Muralidhar and others, f4, OSDI 2014), and some objects are
 * read far more than others.
 */
export interface Use {
  readonly objects: number
  /** Days from the first upload to the end of the trace. Uploads come evenly over them. */
  readonly days: number
  readonly medianSize: number
  readonly sigma: number
  /** Share of objects in the tail. */
  readonly tail: number
  /** Deletions of an object a day while it is younger and older than a month. */
  readonly deletedYoung: number
  readonly deletedOld: number
  /** Reads of an object on its first day; they fall with age to the power of -`decay`. */
  readonly reads: number
  readonly decay: number
  /** Spread of popularity. */
  readonly popularity: number
}

const TAIL_FROM = 16 * 2 ** 20
const MAX_SIZE = 5 * 2 ** 30

export function trace(use: Use, random: Random): TracedObject[] {
  return Array.from({ length: use.objects }, (_, at) => {
    const created = Math.floor((at / use.objects) * use.days)
    const size = Math.min(
      MAX_SIZE,
      Math.round(
        random() < use.tail
          ? TAIL_FROM / (1 - random()) ** (1 / 1.5)
          : use.medianSize * Math.exp(use.sigma * normal(random)),
      ),
    )
    let deleted = created + 1 + Math.floor(-Math.log(1 - random()) / Math.max(use.deletedYoung, 1e-12))
    if (deleted >= created + 31) {
      deleted = created + 31 + Math.floor(-Math.log(1 - random()) / Math.max(use.deletedOld, 1e-12))
    }
    if (deleted > use.days) deleted = Number.POSITIVE_INFINITY
    const popular = Math.exp(use.popularity * normal(random) - use.popularity ** 2 / 2)
    const reads: number[] = []
    const last = Math.min(deleted, use.days)
    // By spans that grow with the age, since the rate falls.
    for (let age = 0, span = 1; created + age < last; age += span, span = Math.max(1, Math.floor(age / 4))) {
      const days = Math.min(span, last - created - age)
      const mean = use.reads * popular * (age + days / 2 + 0.5) ** -use.decay * days
      for (let n = poisson(random, mean); n > 0; n--) reads.push(created + age + Math.floor(random() * days))
    }
    reads.sort((a, b) => a - b)
    return { size, created, deleted, reads }
  })
}

export function randomUse(random: Random, objects: number): Use {
  const between = (low: number, high: number): number => low * (high / low) ** random()
  return {
    objects,
    days: 730,
    medianSize: between(16_384, 256 * 2 ** 20),
    sigma: 0.5 + 2 * random(),
    tail: random() < 0.5 ? 0 : 0.1 * random(),
    deletedYoung: random() < 0.3 ? 1e-9 : between(0.0005, 0.05),
    deletedOld: random() < 0.3 ? 1e-9 : between(0.0001, 0.01),
    reads: random() < 0.2 ? 0 : between(0.001, 2),
    decay: 0.2 + random(),
    popularity: 2 * random(),
  }
}

/** What an inventory finds on a day. */
export function cellsOn(objects: readonly TracedObject[], day: number): Cell[] {
  const cells = new Map<string, { -readonly [Name in keyof Cell]: Cell[Name] }>()
  for (const { size, created, deleted, reads, storageClass = 'STANDARD' } of objects) {
    if (created >= day || deleted <= day) continue
    const bin = binOf(size)
    const key = `${storageClass} ${created} ${bin}`
    let cell = cells.get(key)
    if (cell === undefined) {
      cell = { storageClass, state: 'current', day: created, bin, count: 0, bytes: 0, reads: 0, readBytes: 0 }
      cells.set(key, cell)
    }
    const read = reads.filter((at) => at >= day - READ_DAYS && at < day).length
    cell.count += 1
    cell.bytes += size
    cell.reads += read
    cell.readBytes += read * size
  }
  return [...cells.values()]
}

/** The year from `start` as cohorts that know what happens. */
export function cohortsOf(objects: readonly TracedObject[], start: number): Cohort[] {
  interface Sum {
    cohort: Omit<Cohort, 'deletions' | 'reads'> & { count: number; bytes: number }
    deletions: Map<number, { count: number; bytes: number }>
    reads: Map<number, { count: number; bytes: number }>
  }
  const sums = new Map<string, Sum>()
  const add = (flows: Map<number, { count: number; bytes: number }>, day: number, size: number): void => {
    const flow = flows.get(day) ?? { count: 0, bytes: 0 }
    flows.set(day, { count: flow.count + 1, bytes: flow.bytes + size })
  }
  for (const { size, created, deleted, reads, storageClass = 'STANDARD' } of objects) {
    if (deleted <= start || created >= start + 365) continue
    const bin = binOf(size)
    const key = `${storageClass} ${created} ${bin}`
    let sum = sums.get(key)
    if (sum === undefined) {
      const cohort = { storageClass, state: 'current' as const, day: created, bin, count: 0, bytes: 0 }
      sums.set(key, (sum = { cohort, deletions: new Map(), reads: new Map() }))
    }
    sum.cohort = { ...sum.cohort, count: sum.cohort.count + 1, bytes: sum.cohort.bytes + size }
    if (deleted < start + 365) add(sum.deletions, deleted, size)
    for (const day of reads) if (day >= start && day < Math.min(deleted, start + 365)) add(sum.reads, day, size)
  }
  const flows = (map: ReadonlyMap<number, { count: number; bytes: number }>): Flow[] =>
    [...map].map(([day, flow]) => ({ day, ...flow })).toSorted((a, b) => a.day - b.day)
  return [...sums.values()].map(({ cohort, deletions, reads }) => ({
    ...cohort,
    deletions: flows(deletions),
    reads: flows(reads),
  }))
}
