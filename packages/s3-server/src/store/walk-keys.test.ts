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

const listAll = (keys: readonly string[], prefix: string, delimiter: string, limit: number): [string[], number] => {
  let seen = 0
  const seek = function* (from: string): Generator<Row> {
    for (const key of keys) {
      if (compareKeys(key, from) < 0) continue
      seen += 1
      yield { key }
    }
  }
  const entries: string[] = []
  let from: string | undefined = ''
  while (from !== undefined) {
    const page: KeyPage<Row> = walkKeys<Row>({ prefix, delimiter, from, limit, seek })
    assert.ok(page.rows.length + page.commonPrefixes.length <= limit)
    const merged = [...page.rows.map(({ key }) => `key ${key}`), ...page.commonPrefixes.map((text) => `prefix ${text}`)]
    entries.push(...merged.toSorted((a, b) => compareKeys(a.slice(a.indexOf(' ') + 1), b.slice(b.indexOf(' ') + 1))))
    from = page.truncated && page.last !== undefined ? nextFrom(page.last) : undefined
  }
  return [entries, seen]
}

const unit = fc.constantFrom('a', 'b', '/', '/', '0', '.', 'é', '\uffff', '😀', '\0')
const keys = fc
  .uniqueArray(fc.string({ unit, minLength: 1, maxLength: 6 }), { maxLength: 60 })
  .map((list) => list.toSorted(compareKeys))

test('pages of any size give what a whole listing gives, for any prefix and delimiter', () => {
  fc.assert(
    fc.property(
      keys,
      fc.string({ unit, maxLength: 3 }),
      fc.constantFrom('', '/', 'a', '//', '😀', '\uffff'),
      fc.integer({ min: 1, max: 7 }),
      (list, prefix, delimiter, limit) => {
        assert.deepEqual(listAll(list, prefix, delimiter, limit)[0], model(list, prefix, delimiter))
      },
    ),
    { numRuns: 400 },
  )
})

test('the keys below a common prefix are jumped over, not read', () => {
  const list = ['a', 'b', 'c'].flatMap((folder) =>
    Array.from({ length: 10_000 }, (_, at) => `${folder}/${String(at).padStart(5, '0')}`),
  )
  const [entries, seen] = listAll(list, '', '/', 1000)
  assert.deepEqual(entries, ['prefix a/', 'prefix b/', 'prefix c/'])
  assert.ok(seen < 200, `${seen} rows were read`)
})
