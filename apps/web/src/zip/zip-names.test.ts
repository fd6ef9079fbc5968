import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createZipNames } from './zip-names.ts'

const namesOf = (...paths: string[]): string[] => {
  const names = createZipNames()
  return paths.map((path) => names.nameOf(path))
}

for (const [what, path, name] of [
  ['an ordinary path', 'reports/2026/été 日本.pdf', 'reports/2026/été 日本.pdf'],
  ['a way out', '../../etc/passwd', '__/__/etc/passwd'],
  ['a way out between', 'a/../b', 'a/__/b'],
  ['an absolute path', '/etc/passwd', '_/etc/passwd'],
  ['empty segments', 'a//b', 'a/_/b'],
  ['backslashes', 'a\\..\\..\\b', 'a_.._.._b'],
  ['a drive', 'C:\\autoexec.bat', 'C__autoexec.bat'],
  ['control characters', 'a\nb\0', 'a_b_'],
  ['dots and spaces at the end', 'a. /b..', 'a__/b__'],
  ['a device of Windows', 'aux.txt', '_aux.txt'],
  ['a folder', 'a/b/', 'a/b/'],
  ['half a character', 'a\ud800', 'a\ufffd'],
] as const) {
  test(`${what}: ${JSON.stringify(path)}`, () => assert.deepEqual(namesOf(path), [name]))
}

test('names that become the same are told apart, also by case only', () => {
  assert.deepEqual(namesOf('a:b', 'a?b', 'A_B', 'a_b/c', 'a_b/d'), [
    'a_b',
    'a_b (1)',
    'A_B (2)',
    'a_b (3)/c',
    'a_b (3)/d',
  ])
})

test('a file and a folder of one name are two', () => {
  assert.deepEqual(namesOf('a', 'a/b', 'a/', 'a/c'), ['a', 'a (1)/b', 'a (1)/', 'a (1)/c'])
})

test('no name leads out of the folder, whatever the key', () => {
  const parts = ['..', '.', '', 'a', '\\', '..\\', ' ', 'C:', '\0', '...', '..\u00a0']
  for (let count = 0; count < 5_000; count += 1) {
    const path = Array.from(
      { length: 1 + (count % 4) },
      (_, at) => parts[(count * 7 + at * 3 + ((count / 11) | 0)) % parts.length],
    ).join('/')
    const [name = ''] = namesOf(path)
    assert.ok(!name.startsWith('/') && !/\\|\0|:/.test(name), name)
    for (const segment of name.replace(/\/$/, '').split('/'))
      assert.doesNotMatch(segment, /^\.{0,2}$/, `${path} → ${name}`)
  }
})
