import { readObjectPage, readUploads, readVersionPage, textOf } from './answer.ts'
import type { ListedObject, ListedPage } from './answer.ts'
import { Difference } from './difference.ts'
import type { ListedVersion } from './key-event.ts'
import { currentVersion } from './key-state.ts'
import type { RandomOperation } from './object-operations.ts'
import type { BucketUnderTest, Place } from './place.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The common prefix that a key is shown by, if it is not shown itself. */
const groupOf = (key: string, prefix: string, delimiter: string): string | undefined => {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
  return at === -1 ? undefined : key.slice(0, at + delimiter.length)
}

interface Asked {
  readonly bucket: BucketUnderTest
  readonly prefix: string
  readonly delimiter: string
  readonly limit: number
}

type Row = { readonly key: string }

/** An entry of a list that is known: a row or a common prefix. */
type Entry = { readonly row: Row } | { readonly group: string }

/** That a page is sorted, says nothing twice, keeps to prefix, delimiter and limit. @throws Difference */
const checkShape = ({ bucket, prefix, delimiter, limit }: Asked, page: ListedPage<Row>): void => {
  const { rows, prefixes } = page
  const bad = (what: string): Difference =>
    new Difference(`list of ${bucket.name} (${JSON.stringify({ prefix, delimiter, limit })}): ${what}`)
  if (rows.length + prefixes.length > limit) throw bad('too long')
  if (page.isTruncated && rows.length + prefixes.length !== limit) throw bad('short, but truncated')
  for (const list of [rows.map(({ key }) => key), prefixes]) {
    if (list.some((key, at) => at > 0 && byBytes(list[at - 1] ?? '', key) > 0)) throw bad('not sorted')
    if (list.some((key) => !key.startsWith(prefix))) throw bad('not of the prefix')
  }
  if (new Set(prefixes).size < prefixes.length) throw bad('a prefix twice')
  if (rows.some(({ key }) => groupOf(key, prefix, delimiter) !== undefined)) throw bad('a key that has the delimiter')
  if (prefixes.some((group) => groupOf(group, prefix, delimiter) !== group)) throw bad('a prefix without delimiter')
}

/** Whether a page tells of a key: it lies after the place where the page began and before where it ended. */
const covers = (asked: Asked, page: ListedPage<Row>, after: string, key: string): boolean => {
  const { prefix, delimiter } = asked
  const wasBefore = after !== '' && (byBytes(key, after) <= 0 || groupOf(key, prefix, delimiter) === after)
  if (!key.startsWith(prefix) || wasBefore || asked.limit === 0) return false
  if (!page.isTruncated) return true
  const last = [page.rows.at(-1)?.key ?? '', page.prefixes.at(-1) ?? ''].toSorted(byBytes).at(-1) ?? ''
  return byBytes(groupOf(key, prefix, delimiter) ?? key, last) <= 0
}

/** What the list must show from the beginning on, where the model is certain of every key. */
const expectedEntries = (asked: Asked, rowsOf: (place: Place) => readonly Row[] | undefined): Entry[] | undefined => {
  const { bucket, prefix, delimiter } = asked
  const entries: Entry[] = []
  for (const place of bucket.places.toSorted((a, b) => byBytes(a.key, b.key))) {
    const rows = rowsOf(place)
    if (rows === undefined) return undefined
    if (!place.key.startsWith(prefix) || rows.length === 0) continue
    const group = groupOf(place.key, prefix, delimiter)
    const last = entries.at(-1)
    if (group === undefined) entries.push(...rows.map((row) => ({ row })))
    else if (last === undefined || !('group' in last) || last.group !== group) entries.push({ group })
  }
  return entries
}

/** Compares one page with the entries that are left, and takes those away. @throws Difference */
const checkPage = (asked: Asked, page: ListedPage<Row>, left: Entry[]): void => {
  const expected = left.splice(0, asked.limit)
  const shown = {
    rows: expected.flatMap((entry) => ('row' in entry ? [entry.row] : [])),
    prefixes: expected.flatMap((entry) => ('group' in entry ? [entry.group] : [])),
    isTruncated: asked.limit > 0 && left.length > 0,
  }
  if (JSON.stringify(page) !== JSON.stringify(shown)) {
    const { bucket, prefix, delimiter, limit } = asked
    throw new Difference(
      `list of ${bucket.name} (${JSON.stringify({ prefix, delimiter, limit })}):\n  ${JSON.stringify(page)}\n  instead of\n  ${JSON.stringify(shown)}`,
    )
  }
}

const pickList = (world: World, random: Random): Asked => ({
  bucket: random.pick(world.buckets),
  prefix: random.pick(['', '', 'a', 'a/', 'a/b', 'b', '\u{1f600}', 'none']),
  delimiter: random.pick(['', '', '/', '/', '//', 'b']),
  limit: random.pick([1000, 1000, 1000, 1, 2, 3, 5, 0]),
})

const queryOf = ({ prefix, delimiter, limit }: Asked, more: Record<string, string>): [string, string][] =>
  Object.entries({
    'encoding-type': 'url',
    'max-keys': String(limit),
    ...(prefix === '' ? {} : { prefix }),
    ...(delimiter === '' ? {} : { delimiter }),
    ...more,
  })

const rowOfCurrent = (world: World, place: Place): ListedObject[] | undefined => {
  const state = place.history.certain()
  if (state === undefined) return undefined
  const current = currentVersion(state)
  if (current === undefined) return []
  const size = world.contents.find(current.etag)?.bytes.length
  return size === undefined ? undefined : [{ key: place.key, etag: current.etag, size }]
}

export const listObjects: RandomOperation = async (world, random) => {
  const asked = pickList(world, random)
  const isV2 = random.chance(0.7)
  const left = expectedEntries(asked, (place) => rowOfCurrent(world, place))
  let more: Record<string, string> = isV2 ? { 'list-type': '2' } : {}
  for (let after = ''; ;) {
    const exchange = await world.send({ path: `/${asked.bucket.name}`, query: queryOf(asked, more) })
    if (exchange.answer === undefined) return
    const { status, text } = exchange.answer
    if (status !== 200) throw new Difference(`list of ${asked.bucket.name}: ${text}`)
    const page = readObjectPage(text)
    checkShape(asked, page)
    if (left !== undefined) checkPage(asked, page, left)
    for (const place of asked.bucket.places) {
      const group = groupOf(place.key, asked.prefix, asked.delimiter)
      if (!covers(asked, page, after, place.key) || (group !== undefined && page.prefixes.includes(group))) continue
      const rows = page.rows.filter(({ key }) => key === place.key)
      const [row] = rows
      if (rows.length > 1) throw new Difference(`list of ${asked.bucket.name}: ${place.key} twice`)
      const outcome = row === undefined ? { status: 404 } : { status: 200, etag: row.etag, size: row.size }
      world.record(place, exchange, world.nextName(), { kind: 'listed' }, outcome)
    }
    const stranger = page.rows.find(({ key }) => asked.bucket.places.every((place) => place.key !== key))
    if (stranger !== undefined) throw new Difference(`list of ${asked.bucket.name} shows ${stranger.key}`)
    if (!page.isTruncated) return
    after = [page.rows.at(-1)?.key ?? '', page.prefixes.at(-1) ?? ''].toSorted(byBytes).at(-1) ?? ''
    more = isV2
      ? { 'list-type': '2', 'continuation-token': textOf(text, 'NextContinuationToken') ?? '' }
      : { marker: decodeURIComponent(textOf(text, 'NextMarker') ?? '') }
  }
}

type VersionRow = ListedVersion & Row

const rowsOfVersions = (world: World, place: Place): VersionRow[] | undefined =>
  place.history.certain()?.versions.map(({ id, isMarker, etag }, at) => ({
    key: place.key,
    id,
    isMarker,
    isLatest: at === 0,
    etag,
    size: world.contents.find(etag)?.bytes.length ?? 0,
  }))

/** Enters what one listing of all versions of a bucket shows, and gives it. @throws Difference */
export const recordVersions = async (world: World, bucket: BucketUnderTest): Promise<readonly VersionRow[]> => {
  const asked: Asked = { bucket, prefix: '', delimiter: '', limit: 1000 }
  const exchange = await world.send({ path: `/${bucket.name}`, query: [['versions', ''], ...queryOf(asked, {})] })
  if (exchange.answer === undefined) return []
  const page = readVersionPage(exchange.answer.text)
  if (exchange.answer.status !== 200 || page.isTruncated) throw new Difference(exchange.answer.text)
  for (const place of bucket.places) {
    const versions = page.rows.filter(({ key }) => key === place.key).map(({ key: _key, ...row }) => row)
    const action = { kind: 'versions-listed', versions } as const
    world.record(place, exchange, world.nextName(), action, { status: 200 })
  }
  return page.rows
}

export const listVersions: RandomOperation = async (world, random) => {
  const asked = pickList(world, random)
  const left = expectedEntries(asked, (place) => rowsOfVersions(world, place))
  // Pages of a list that changes meanwhile say little; one page says all.
  if (left === undefined) {
    await recordVersions(world, asked.bucket)
    return
  }
  for (let more: Record<string, string> = {}; ;) {
    const exchange = await world.send({
      path: `/${asked.bucket.name}`,
      query: [['versions', ''], ...queryOf(asked, more)],
    })
    if (exchange.answer === undefined) return
    const { text } = exchange.answer
    const page = readVersionPage(text)
    checkPage(asked, page, left)
    if (!page.isTruncated) return
    const versionMarker = textOf(text, 'NextVersionIdMarker')
    more = {
      'key-marker': decodeURIComponent(textOf(text, 'NextKeyMarker') ?? ''),
      ...(versionMarker === undefined ? {} : { 'version-id-marker': versionMarker }),
    }
  }
}

export const recordUploads = async (world: World, bucket: BucketUnderTest): Promise<void> => {
  const exchange = await world.send({
    path: `/${bucket.name}`,
    query: [
      ['uploads', ''],
      ['encoding-type', 'url'],
    ],
  })
  if (exchange.answer === undefined) return
  const uploads = readUploads(exchange.answer.text)
  for (const place of bucket.places) {
    const ids = uploads.filter(({ key }) => key === place.key).map(({ id }) => id)
    world.record(place, exchange, world.nextName(), { kind: 'uploads-listed', ids }, { status: 200 })
  }
}

export const listUploads: RandomOperation = (world, random) => recordUploads(world, random.pick(world.buckets))
