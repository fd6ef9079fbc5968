import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entriesOf } from './entry.ts'

const object = (key: string) => ({
  key,
  size: 1,
  etag: 'e',
  lastModified: '2026-01-01T00:00:00Z',
  storageClass: 'STANDARD',
})
const page = (prefixes: string[], keys: string[]) => ({
  prefixes,
  objects: keys.map(object),
  nextCursor: null,
  keepsVersions: true,
})

for (const [what, prefix, pages, names] of [
  ['folders come before files, over all pages', '', [page(['b/'], ['a']), page(['d/'], ['c'])], ['b/', 'd/', 'a', 'c']],
  ['names are shown without the folder they are in', 'x/', [page(['x/y/'], ['x/z'])], ['y/', 'z']],
  ["a folder's own mark is no file in it", 'x/', [page([], ['x/', 'x/z'])], ['z']],
  ['a folder without a name is kept', 'x/', [page(['x//'], [])], ['/']],
  ['no page has no lines', '', [], []],
] as const) {
  test(what, () =>
    assert.deepEqual(
      entriesOf(pages, prefix).map((entry) => (entry.kind === 'folder' ? `${entry.name}/` : entry.name)),
      names,
    ),
  )
}
