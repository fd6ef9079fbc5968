import { type Cohort, type Flow, HORIZON_DAYS, type State } from './simulate.ts'
import { SIZE_EDGES } from './size-bins.ts'

/** Objects of one class, bin and day as they are counted. Days count from 1970. */
export interface Cell {
  readonly storageClass: string
  readonly state: State
  readonly day: number
  readonly bin: number
  readonly count: number
  readonly bytes: number
  /** Reads within the last `READ_DAYS` days. */
  readonly reads: number
  readonly readBytes: number
}

/** How many objects there were on a day, by age and size. */
export interface Count {
  readonly day: number
  readonly cells: readonly Pick<Cell, 'state' | 'day' | 'bin' | 'count'>[]
}

/** What is known of some objects when their future is asked for. */
export interface Observation extends Count {
  readonly cells: readonly Cell[]
  /** Earlier counts, oldest first: what is missing in the next one was deleted. */
  readonly earlier: readonly Count[]
}

/** Days after which nothing depends on the very day any more: no price and no rule that is advised looks back further. */
const EXACT_DAYS = 400
const COARSE_DAYS = 30

/** The day that an object counts under: its own, or one for a month of old ones, so that cells do not grow with the years. */
export const countedDay = (day: number, today: number): number =>
  today - day <= EXACT_DAYS ? day : Math.floor(day / COARSE_DAYS) * COARSE_DAYS

/** Days before a count whose reads are counted. */
export const READ_DAYS = 30
/** Ages at which objects are read and deleted at different rates, in days. */
const AGES = [0, 3, 7, 14, 30, 45, 60, 90, 120, 180, 270, 365, 450, 540, 640, 730, 910, 1095, 1460, 1825] as const
/** Days of uploads that stand for those to come. */
const UPLOAD_DAYS = 365
/** Objects that have to be seen at an age and size for a rate of their own. */
const ENOUGH = 20

/** Deletions of an object a day that a stress counts with where nothing is known of them. */
const UNKNOWN_DELETIONS = 0.005

/** By day of age; the last band goes on. */
const BANDS = Uint8Array.from({ length: AGES.at(-1)! + 1 }, (_, age) => AGES.findLastIndex((from) => age >= from))

const ageBand = (age: number): number => BANDS[Math.min(BANDS.length - 1, Math.floor(age))]!

interface Rate {
  count: number
  bytes: number
}

/** Rates of a day, by age and bin. */
type Rates = (band: number, bin: number) => Rate

export interface ForecastOptions {
  /** How much more is read and deleted than was seen. */
  readonly reads: number
  readonly deletions: number
  /** Days whose uploads are one cohort. */
  readonly cohortDays: number
  /** Days between two points at which what is expected to be deleted or read is counted. */
  readonly stepDays: number
}

/** The same rates, each looked up once: cohorts ask for the same few again and again. */
function remembered(rates: Rates): Rates {
  const known: Rate[] = []
  return (band, bin) => (known[band * SIZE_EDGES.length + bin] ??= rates(band, bin))
}

const AS_SEEN: ForecastOptions = { reads: 1, deletions: 1, cohortDays: 1, stepDays: 10 }

/**
 * What will become of some objects within a year, and what will be uploaded: as it was before. Objects are read and
 * deleted as often as those of their age and size were.
 */
export function forecast(seen: Observation, options: ForecastOptions = AS_SEEN): Cohort[] {
  const { cohortDays, stepDays } = options
  const reads = remembered(readRates(seen, options.reads))
  const deletions = remembered(deletionRates(seen, options.deletions))
  const end = seen.day + HORIZON_DAYS
  const flows = (cell: Omit<Cell, 'reads' | 'readBytes'>, from: number): Cohort =>
    withFlows(cell, { from, end, reads, deletions, stepDays })
  const cohorts = merged(seen, cohortDays).map((cell) => flows(cell, seen.day))
  for (const { count, bytes, ...upload } of uploadsOf(seen, remembered(deletionRates(seen, 1)))) {
    for (let first = seen.day; first < end; first += cohortDays) {
      const days = Math.min(cohortDays, end - first)
      const day = first + Math.floor(days / 2)
      cohorts.push(flows({ ...upload, count: count * days, bytes: bytes * days, day }, day))
    }
  }
  return cohorts
}

/** Cells by so many days, and old ones by month: nothing depends on their very day any more. */
function merged({ day, cells }: Observation, days: number): Cell[] {
  const sums = new Map<string, Cell>()
  for (const cell of cells) {
    const age = day - cell.day
    const at =
      age <= EXACT_DAYS
        ? day - Math.floor(age / days) * days
        : day - EXACT_DAYS - Math.floor((age - EXACT_DAYS) / COARSE_DAYS) * COARSE_DAYS
    const key = `${cell.storageClass} ${cell.state} ${at} ${cell.bin}`
    const sum = sums.get(key)
    sums.set(
      key,
      sum === undefined
        ? { ...cell, day: at }
        : {
            ...sum,
            count: sum.count + cell.count,
            bytes: sum.bytes + cell.bytes,
            reads: sum.reads + cell.reads,
            readBytes: sum.readBytes + cell.readBytes,
          },
    )
  }
  return [...sums.values()]
}

function withFlows(
  cell: Omit<Cell, 'reads' | 'readBytes'>,
  use: {
    readonly from: number
    readonly end: number
    readonly reads: Rates
    readonly deletions: Rates
    readonly stepDays: number
  },
): Cohort {
  const { from, end, reads, deletions, stepDays } = use
  const { storageClass, state, day, bin, count, bytes } = cell
  const deleted: Flow[] = []
  const read: Flow[] = []
  let alive = count
  for (let at = from; at < end && state === 'current';) {
    const age = at - day
    const band = ageBand(age)
    // A step ends with its band, since rates change there.
    const next = Math.min(end, at + stepDays, day + (AGES[band + 1] ?? Number.POSITIVE_INFINITY))
    const days = next - at
    const middle = Math.floor((at + next) / 2)
    const share = count === 0 ? 0 : bytes / count
    const reading = reads(band, bin)
    const gone = alive * (1 - Math.exp(-deletions(band, bin).count * days))
    const living = alive - gone / 2
    if (reading.count > 0) {
      read.push({ day: middle, count: living * reading.count * days, bytes: living * share * reading.bytes * days })
    }
    if (gone > 0) deleted.push({ day: middle, count: gone, bytes: gone * share })
    alive -= gone
    at = next
  }
  return { storageClass, state, day, bin, count, bytes, deletions: deleted, reads: read }
}

/** Reads of an object, and of a byte, a day. */
function readRates({ day, cells }: Observation, stress: number): Rates {
  interface Seen {
    reads: number
    readBytes: number
    count: number
    objectDays: number
    byteDays: number
  }
  const sums = new Map<string, Seen>()
  const add = (key: string, cell: Cell, lived: number): void => {
    let sum = sums.get(key)
    if (sum === undefined) sums.set(key, (sum = { reads: 0, readBytes: 0, count: 0, objectDays: 0, byteDays: 0 }))
    sum.reads += cell.reads
    sum.readBytes += cell.readBytes
    sum.count += cell.count
    sum.objectDays += cell.count * lived
    sum.byteDays += cell.bytes * lived
  }
  for (const cell of cells) {
    if (cell.state !== 'current') continue
    // They were read at any age of the last days, on average at this one.
    const age = day - cell.day
    const lived = Math.min(READ_DAYS, Math.max(1, age))
    const band = ageBand(Math.max(0, age - lived / 2))
    add(`${band} ${cell.bin}`, cell, lived)
    add(`${band}`, cell, lived)
    add('', cell, lived)
  }
  const likely = likeliestRates(cells, day)
  const rateOf = ({ reads, readBytes, objectDays, byteDays }: Seen): Rate => {
    // Of few reads more may come by chance; a stress counts them.
    const factor = stress === 1 ? 1 : stress * (1 + 3 / Math.sqrt(Math.max(1, reads)))
    return { count: (reads / objectDays) * factor, bytes: byteDays === 0 ? 0 : (readBytes / byteDays) * factor }
  }
  return (band, bin) => {
    const own = sums.get(`${band} ${bin}`)
    // Older than any that is there: read as the oldest.
    let known = band
    while (known > 0 && !sums.has(`${known}`)) known--
    const all = sums.get(`${known}`) ?? sums.get('')
    if (all === undefined) return { count: 0, bytes: 0 }
    const isKnown = own !== undefined && own.count >= ENOUGH
    if (stress === 1) return likely(isKnown ? bin : undefined, known)
    if (!isKnown) return rateOf(all)
    const [a, b] = [rateOf(own), rateOf(all)]
    return { count: Math.max(a.count, b.count), bytes: Math.max(a.bytes, b.count) }
  }
}

const ROUNDS = 60

/**
 * The rates of each age under which what was read in the last days is likeliest. An object was read at any of the ages that it
 * had in these days, and young ones are read far more often: all reads taken as of the middle would count those of the first
 * days again for later ones.
 * @see Dempster, Laird, Rubin: Maximum Likelihood from Incomplete Data via the EM Algorithm (1977)
 */
function likeliestRates(cells: readonly Cell[], day: number): (bin: number | undefined, band: number) => Rate {
  const known = new Map<number | undefined, readonly Rate[]>()
  return (bin, band) => {
    let rates = known.get(bin)
    if (rates === undefined) {
      const own = cells.filter((cell) => cell.state === 'current' && (bin === undefined || cell.bin === bin))
      const counts = likeliest(own, day, (cell) => [cell.reads, cell.count])
      const bytes = likeliest(own, day, (cell) => [cell.readBytes, cell.bytes])
      known.set(bin, (rates = AGES.map((_, at) => ({ count: counts[at]!, bytes: bytes[at]! }))))
    }
    return rates[band]!
  }
}

function likeliest(cells: readonly Cell[], day: number, of: (cell: Cell) => readonly [read: number, there: number]) {
  const byAge = new Map<number, { read: number; there: number }>()
  for (const cell of cells) {
    const age = Math.max(1, day - cell.day)
    const [read, there] = of(cell)
    const sum = byAge.get(age) ?? { read: 0, there: 0 }
    byAge.set(age, { read: sum.read + read, there: sum.there + there })
  }
  /** Days that were spent at the ages of each band. */
  const seen = [...byAge].map(([age, { read, there }]) => {
    const from = Math.max(0, age - READ_DAYS)
    const spent = AGES.map((start, band) => {
      const days = Math.min(age, AGES[band + 1] ?? Number.POSITIVE_INFINITY) - Math.max(from, start)
      return Math.max(0, days) * there
    })
    return { read, spent }
  })
  const exposure = AGES.map((_, band) => seen.reduce((sum, { spent }) => sum + spent[band]!, 0))
  const all = exposure.reduce((sum, each) => sum + each, 0)
  const mean = all === 0 ? 0 : seen.reduce((sum, { read }) => sum + read, 0) / all
  let rates: readonly number[] = AGES.map(() => mean)
  for (let round = 0; round < ROUNDS && mean > 0; round++) {
    const found = AGES.map(() => 0)
    for (const { read, spent } of seen) {
      const expected = spent.reduce((sum, each, band) => sum + each * rates[band]!, 0)
      if (read === 0 || expected === 0) continue
      for (const [band, each] of spent.entries()) found[band]! += (each * rates[band]! * read) / expected
    }
    rates = rates.map((rate, band) => (exposure[band]! > 0 ? found[band]! / exposure[band]! : rate))
  }
  return rates
}

/** The part of the objects of an age and a bin that is deleted a day. */
function deletionRates({ day, cells, earlier }: Observation, stress: number): Rates {
  const sums = new Map<string, { gone: number; lived: number }>()
  const add = (key: string, gone: number, lived: number): void => {
    const sum = sums.get(key) ?? { gone: 0, lived: 0 }
    sums.set(key, { gone: sum.gone + gone, lived: sum.lived + lived })
  }
  // Before a second count nothing is known of deletions: what has to be sure then is so where most go within the year.
  if (earlier.length === 0) return () => ({ count: stress === 1 ? 0 : UNKNOWN_DELETIONS, bytes: 0 })
  const counts = [...earlier, { day, cells }]
  for (const [at, before] of counts.slice(0, -1).entries()) {
    const after = counts[at + 1]!
    const days = after.day - before.day
    if (days < 1) continue
    const now = byDayAndBin(after, after.day)
    for (const [key, count] of byDayAndBin(before, after.day)) {
      const [written, bin] = [Math.floor(key / 100), key % 100]
      const left = Math.min(count, now.get(key) ?? 0)
      const band = ageBand(before.day - written + days / 2)
      add(`${band} ${bin}`, count - left, ((count + left) / 2) * days)
      add(`${band}`, count - left, ((count + left) / 2) * days)
    }
  }
  return (band, bin) => {
    // What is younger than an earlier count was never seen to go, nor what is older than any: the nearest age stands in.
    for (let distance = 0; distance < AGES.length; distance++) {
      for (const near of [band + distance, band - distance]) {
        const all = sums.get(`${near}`)
        if (all === undefined || all.lived === 0) continue
        const own = sums.get(`${near} ${bin}`)
        const { gone, lived } = own !== undefined && own.gone >= ENOUGH ? own : all
        return { count: (gone / lived) * stress, bytes: 0 }
      }
    }
    return { count: 0, bytes: 0 }
  }
}

function byDayAndBin({ cells }: Count, today: number): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { state, day, bin, count } of cells) {
    if (state !== 'current') continue
    const key = countedDay(day, today) * 100 + bin
    counts.set(key, (counts.get(key) ?? 0) + count)
  }
  return counts
}

/** What is uploaded a day, by class and bin. */
function uploadsOf(
  { day, cells, earlier }: Observation,
  deletions: Rates,
): Omit<Cell, 'day' | 'reads' | 'readBytes'>[] {
  const first = cells.reduce((least, cell) => Math.min(least, cell.day), earlier[0]?.day ?? day)
  const from = Math.max(first, day - UPLOAD_DAYS)
  const days = day - from
  if (days < 1) return []
  const sums = new Map<string, { cell: Cell; count: number; bytes: number }>()
  for (const cell of cells) {
    if (cell.state !== 'current' || cell.day < from || cell.day >= day) continue
    // Those that were deleted since were uploaded, too.
    const surviving = survival(day - cell.day, cell.bin, deletions)
    const key = `${cell.storageClass} ${cell.bin}`
    const sum = sums.get(key) ?? { cell, count: 0, bytes: 0 }
    sums.set(key, { cell, count: sum.count + cell.count / surviving, bytes: sum.bytes + cell.bytes / surviving })
  }
  return [...sums.values()].map(({ cell, count, bytes }) => ({
    storageClass: cell.storageClass,
    state: 'current',
    bin: cell.bin,
    count: count / days,
    bytes: bytes / days,
  }))
}

function survival(age: number, bin: number, deletions: Rates): number {
  let risk = 0
  for (const [band, from] of AGES.entries()) {
    const lived = Math.min(age, AGES[band + 1] ?? Number.POSITIVE_INFINITY) - from
    if (lived > 0) risk += lived * deletions(band, bin).count
  }
  return Math.max(0.05, Math.exp(-risk))
}
