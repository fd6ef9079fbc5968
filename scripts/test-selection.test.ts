import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inOrder, isSelected, LONG } from './test-selection.ts'

const FUZZ = 'packages/s3-server/test/fuzz/fuzz.test.ts'
const SHORT = 'packages/s3-server/test/cors.test.ts'

test('quick leaves out what is long, also of the parts that are named, and nothing else', () => {
  for (const [quick, parts, path, selected] of [
    [false, [], FUZZ, true],
    [true, [], FUZZ, false],
    [true, ['fuzz'], FUZZ, false],
    [false, ['fuzz'], FUZZ, true],
    [false, ['cors'], FUZZ, false],
    [true, [], SHORT, true],
    [true, ['s3-server'], SHORT, true],
  ] as const) {
    assert.equal(isSelected(path, { quick, parts }), selected, `${quick} ${parts.join()} ${path}`)
  }
})

test('what is long is there', () => {
  const paths = globSync('packages/s3-server/**/*.test.ts', { cwd: join(import.meta.dirname, '..') })
  for (const long of LONG)
    assert.ok(
      paths.some((path) => path.replaceAll('\\', '/').startsWith(long)),
      long,
    )
})

test('what is slow begins first, and nothing is lost', () => {
  assert.deepEqual(inOrder(['/c/api.test.ts', '/c/faults.test.ts', '/c/container.test.ts', '/c/tools.test.ts']), [
    '/c/container.test.ts',
    '/c/faults.test.ts',
    '/c/api.test.ts',
    '/c/tools.test.ts',
  ])
})
