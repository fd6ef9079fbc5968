import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entry } from './entry.ts'
import { fileKindOf, isNamedLike } from './file-kind.ts'

const file = (name: string): Entry => ({
  kind: 'file',
  name,
  key: name,
  size: 1,
  lastModified: '2026-11-30T00:00:00.000Z',
  etag: '',
  storageClass: 'STANDARD',
})

test('the kind of a file follows from its name, and a folder is a folder whatever its name', () => {
  for (const [name, kind] of [
    ['a.PNG', 'image'],
    ['a.svg', 'image'],
    ['a.heic', 'image'],
    ['a.mp4', 'video'],
    ['a.mkv', 'video'],
    ['a.mp3', 'audio'],
    ['report.final.pdf', 'document'],
    ['a.docx', 'document'],
    ['notes.md', 'document'],
    ['a.tar.gz', 'archive'],
    ['main.rs', 'other'],
    ['zip', 'other'],
  ] as const) {
    assert.equal(fileKindOf(file(name)), kind, name)
  }
  assert.equal(fileKindOf({ kind: 'folder', name: 'a.png', prefix: 'a.png/' }), 'folder')
})

test('a name is found by all of its words, in any case and order', () => {
  const matches = isNamedLike('  PLAN 2026 ')
  assert.equal(matches('Annual plan (2026).pdf'), true)
  assert.equal(matches('2026/planet'), true)
  assert.equal(matches('Annual plan.pdf'), false)
  assert.equal(isNamedLike('a\u0308')('ÄHRE'), true)
  assert.equal(isNamedLike('.*')('a.txt'), false)
  assert.equal(isNamedLike('')('anything'), true)
})
