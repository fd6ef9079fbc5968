import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareKeys } from './key-order.ts'
import { nextFrom, walkKeys } from './walk-keys.ts'
import type { KeyPage } from './walk-keys.ts'

interface Row {
  readonly key: string
}

/** What S3 documents, computed over all keys at once. */
const model = (keys: readonly string[], prefix: string, delimiter: string): string[] => {
  const entries: string[] = []
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const entry = at === -1 ? `key ${key}` : `prefix ${key.slice(0, at + delimiter.length)}`
    if (entries.at(-1) !== entry) entries.push(entry)
  }
  return entries
}

const listAll = (
  keys: readonly string[],
  prefix: string,
  delimiter: string,
  limit: number,
  hasFirst = false,
): [string[], number] => {
  let seen = 0
  const seek = function* (from: string): Generator<Row> {
    for (const key of keys) {
      if (compareKeys(key, from) < 0) continue
      seen += 1
      yield { key }
    }
  }
  const first = (from: string): Row | undefined => seek(from).next().value ?? undefined
  const entries: string[] = []
  let from: string | undefined = ''
  while (from !== undefined) {
    const page: KeyPage<Row> = walkKeys<Row>({ prefix, delimiter, from, limit, seek, ...(hasFirst ? { first } : {}) })
    assert.ok(page.rows.length + page.commonPrefixes.length <= limit)
    const merged = [...page.rows.map(({ key }) => `key ${key}`), ...page.commonPrefixes.map((text) => `prefix ${text}`)]
    entries.push(...merged.toSorted((a, b) => compareKeys(a.slice(a.indexOf(' ') + 1), b.slice(b.indexOf(' ') + 1))))
    from = page.truncated && page.last !== undefined ? nextFrom(page.last) : undefined
  }
  return [entries, seen]
}

const unit = fc.constantFrom('a', 'b', '/', '/', '0', '.', 'é', '\uffff', '😀', '\0')
const sorted = (list: readonly string[]): string[] => [...new Set(list)].toSorted(compareKeys)
const keys = fc
  .uniqueArray(fc.string({ unit, minLength: 1, maxLength: 6 }), { maxLength: 60 })
  .map((list) => sorted(list))
/** Names with many keys below them, with few, and with none, in any order. */
const folders = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'ab', 'a/b', 'a/c', 'é', '\uffff', '😀', ''),
      fc.integer({ min: 0, max: 20 }),
      fc.boolean(),
    ),
    { maxLength: 12 },
  )
  .map((list) =>
    sorted(
      list.flatMap(([name, below, alone]) => [
        ...(alone ? [`${name}.`] : []),
        ...Array.from({ length: below }, (_, at) => `${name}/${at}`),
      ]),
    ),
  )

for (const [name, some] of [
  ['any keys', keys],
  ['folders large and small', folders],
] as const) {
  test(`pages of any size give what a whole listing gives, for any prefix and delimiter: ${name}`, () => {
    fc.assert(
      fc.property(
        some,
        fc.string({ unit, maxLength: 3 }),
        fc.constantFrom('', '/', '/', 'a', '//', '😀', '\uffff'),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        (list, prefix, delimiter, limit, hasFirst) => {
          assert.deepEqual(listAll(list, prefix, delimiter, limit, hasFirst)[0], model(list, prefix, delimiter))
        },
      ),
      { numRuns: 400 },
    )
  })
}

test('the keys below a common prefix are jumped over, not read', () => {
  const list = ['a', 'b', 'c'].flatMap((folder) =>
    Array.from({ length: 10_000 }, (_, at) => `${folder}/${String(at).padStart(5, '0')}`),
  )
  const [entries, seen] = listAll(list, '', '/', 1000)
  assert.deepEqual(entries, ['prefix a/', 'prefix b/', 'prefix c/'])
  assert.ok(seen < 200, `${seen} rows were read`)
})
