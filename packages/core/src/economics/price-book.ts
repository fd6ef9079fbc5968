import { SIZE_EDGES } from './size-bins.ts'

/** A part of the storage price that an amount falls into. Amounts are in GiB of the whole region. */
export interface StorageTier {
  readonly fromGB: number
  readonly perGBMonth: number
}

/** What a storage class costs in one region. Prices per GB are per GiB, as stores measure them. */
export interface ClassPrice {
  /** By amount, the first from 0. */
  readonly tiers: readonly StorageTier[]
  readonly perThousandPuts: number
  readonly perThousandGets: number
  /** To move an object into this class by a lifecycle rule. */
  readonly perThousandTransitions: number
  readonly perGBRetrieved: number
  readonly perThousandRetrievals: number
  /** Days that are paid for, whenever the object goes. */
  readonly minimumDays: number
  /** Bytes that are paid for, however small the object is. One of `SIZE_EDGES`. */
  readonly minimumBytes: number
  /** Bytes beside each object at this class's price. */
  readonly overheadBytes: number
  /** Bytes beside each object at the price of STANDARD. */
  readonly standardOverheadBytes: number
  /** A month, of objects that are not below `monitoredFromBytes`. */
  readonly perThousandMonitored: number
  readonly monitoredFromBytes: number
  /** Cheaper prices of a class that moves objects by itself when nobody reads them. */
  readonly idle: readonly { readonly afterDays: number; readonly perGBMonth: number }[]
  /** Objects have to be restored before they can be read. */
  readonly archive: boolean
}

export interface PriceBook {
  readonly name: string
  /** The day for which the prices hold: 2026-11-01. */
  readonly date: string
  /** Where the prices are published. */
  readonly source: string
  readonly currency: string
  /** Whose prices stand in for a region that is not in the book. */
  readonly defaultRegion: string
  readonly regions: Readonly<Record<string, Readonly<Record<string, ClassPrice>>>>
}

/** A mistake with the JSON pointer to its field. */
export interface PriceMistake {
  readonly path: string
  readonly message: string
}

export type ParsedPriceBook =
  | { readonly ok: true; readonly book: PriceBook }
  | { readonly ok: false; readonly mistakes: readonly PriceMistake[] }

type Fields = Readonly<Record<string, unknown>>

const NUMBERS = [
  'perThousandPuts',
  'perThousandGets',
  'perThousandTransitions',
  'perGBRetrieved',
  'perThousandRetrievals',
  'minimumDays',
  'minimumBytes',
  'overheadBytes',
  'standardOverheadBytes',
  'perThousandMonitored',
  'monitoredFromBytes',
] as const

const CLASS_FIELDS = new Set<string>([...NUMBERS, 'perGBMonth', 'tiers', 'idle', 'archive'])
const BOOK_FIELDS = new Set(['name', 'date', 'source', 'currency', 'defaultRegion', 'regions'])

/**
 * Reads a price file. A charge that is left out is 0; a region may be the name of another whose prices it has.
 * @param value the parsed JSON
 */
export function parsePriceBook(value: unknown): ParsedPriceBook {
  const mistakes: PriceMistake[] = []
  const wrong = (path: string, message: string): void => void mistakes.push({ path, message })
  if (!isObject(value)) return { ok: false, mistakes: [{ path: '', message: 'must be an object' }] }
  for (const name of Object.keys(value)) if (!BOOK_FIELDS.has(name)) wrong(`/${name}`, 'is not a field of a price file')
  const text = (name: string): string => {
    const found = value[name]
    if (typeof found === 'string' && found !== '') return found
    wrong(`/${name}`, 'must be a text')
    return ''
  }
  const book = { name: text('name'), date: text('date'), source: text('source'), currency: text('currency') }
  if (book.date !== '' && !isDay(book.date)) wrong('/date', 'must be a day such as 2026-11-01')
  if (book.currency !== '' && !/^[A-Z]{3}$/.test(book.currency))
    wrong('/currency', 'must be a currency code such as USD')

  const regions: Record<string, Record<string, ClassPrice>> = {}
  const given = value['regions']
  if (!isObject(given) || Object.keys(given).length === 0) wrong('/regions', 'must name at least one region')
  else {
    for (const [region, classes] of Object.entries(given)) {
      const path = `/regions/${pointer(region)}`
      if (typeof classes === 'string') continue
      if (!isObject(classes) || Object.keys(classes).length === 0) {
        wrong(path, 'must be an object of storage classes, or the name of another region')
        continue
      }
      regions[region] = Object.fromEntries(
        Object.entries(classes).map(([name, price]) => [name, classPrice(price, `${path}/${pointer(name)}`, wrong)]),
      )
      if (regions[region]['STANDARD'] === undefined) wrong(path, 'must have the class STANDARD')
    }
    for (const [region, other] of Object.entries(given)) {
      if (typeof other !== 'string') continue
      const same = Object.hasOwn(regions, other) ? regions[other] : undefined
      if (same === undefined) wrong(`/regions/${pointer(region)}`, `names ${other}, which has no prices of its own`)
      else regions[region] = same
    }
  }
  const defaultRegion = text('defaultRegion')
  if (defaultRegion !== '' && isObject(given) && !Object.hasOwn(given, defaultRegion)) {
    wrong('/defaultRegion', `names ${defaultRegion}, which is not in /regions`)
  }
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, book: { ...book, defaultRegion, regions } }
}

function classPrice(value: unknown, path: string, wrong: (path: string, message: string) => void): ClassPrice {
  const fields: Fields = isObject(value) ? value : {}
  if (!isObject(value)) wrong(path, 'must be an object')
  for (const name of Object.keys(fields)) if (!CLASS_FIELDS.has(name)) wrong(`${path}/${name}`, 'is not a charge')
  const amount = (found: unknown, at: string): number => {
    if (typeof found === 'number' && Number.isFinite(found) && found >= 0) return found
    wrong(at, 'must be a number of at least 0')
    return 0
  }
  const numbers = Object.fromEntries(
    NUMBERS.map((name) => [name, fields[name] === undefined ? 0 : amount(fields[name], `${path}/${name}`)]),
  ) as Record<(typeof NUMBERS)[number], number>
  for (const name of ['minimumBytes', 'monitoredFromBytes'] as const) {
    if (!(SIZE_EDGES as readonly number[]).includes(numbers[name])) {
      wrong(`${path}/${name}`, `must be one of ${SIZE_EDGES.join(', ')}`)
    }
  }
  if (!Number.isInteger(numbers.minimumDays)) wrong(`${path}/minimumDays`, 'must be a whole number')
  if ((fields['perGBMonth'] === undefined) === (fields['tiers'] === undefined) && isObject(value)) {
    wrong(path, 'must have either perGBMonth or tiers')
  }
  const rows = (name: 'tiers' | 'idle', first: 'fromGB' | 'afterDays') => {
    const found = fields[name]
    if (found === undefined) return []
    if (!Array.isArray(found) || found.length === 0 || !found.every(isObject)) {
      wrong(`${path}/${name}`, `must be a list of {${first}, perGBMonth}`)
      return []
    }
    return found.map((row: Fields, at) => {
      const start = amount(row[first], `${path}/${name}/${at}/${first}`)
      const before: unknown = at === 0 ? undefined : (found[at - 1] as Fields)[first]
      if (at === 0 ? name === 'tiers' && start !== 0 : typeof before === 'number' && start <= before) {
        wrong(`${path}/${name}/${at}/${first}`, at === 0 ? 'must be 0' : 'must be greater than the one before')
      }
      return { start, perGBMonth: amount(row['perGBMonth'], `${path}/${name}/${at}/perGBMonth`) }
    })
  }
  const tiers =
    fields['perGBMonth'] === undefined
      ? rows('tiers', 'fromGB').map(({ start, perGBMonth }) => ({ fromGB: start, perGBMonth }))
      : [{ fromGB: 0, perGBMonth: amount(fields['perGBMonth'], `${path}/perGBMonth`) }]
  const { archive = false } = fields
  if (typeof archive !== 'boolean') wrong(`${path}/archive`, 'must be true or false')
  const idle = rows('idle', 'afterDays').map(({ start, perGBMonth }) => ({ afterDays: start, perGBMonth }))
  return { ...numbers, tiers, idle, archive: archive === true }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const pointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)

/** The prices of a region, and whether they are its own. */
export function pricesOf(
  book: PriceBook,
  region: string | null,
): { readonly region: string; readonly own: boolean; readonly classes: Readonly<Record<string, ClassPrice>> } {
  const own = region !== null && Object.hasOwn(book.regions, region)
  const used = own ? region : book.defaultRegion
  return { region: used, own, classes: book.regions[used]! }
}

/** What the last GiB of an amount costs a month: what a smaller amount would save. @param gb of the whole region */
export function marginalRate({ tiers }: ClassPrice, gb: number): number {
  return tiers.findLast(({ fromGB }) => gb >= fromGB)?.perGBMonth ?? 0
}

/** What an amount costs a month, tier by tier. */
export function tieredCost({ tiers }: ClassPrice, gb: number): number {
  let sum = 0
  for (const [at, { fromGB, perGBMonth }] of tiers.entries()) {
    const end = Math.min(gb, tiers[at + 1]?.fromGB ?? Number.POSITIVE_INFINITY)
    if (end > fromGB) sum += (end - fromGB) * perGBMonth
  }
  return sum
}
