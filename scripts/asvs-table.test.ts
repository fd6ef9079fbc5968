import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { tableRows, testsIn } from './table-rows.ts'

/** How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has in the chapters V6, V7, V9 and V10. */
const SECTIONS: Readonly<Record<string, number>> = {
  '6.1': 3,
  '6.2': 12,
  '6.3': 4,
  '6.4': 4,
  '6.5': 5,
  '6.6': 3,
  '6.8': 4,
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 2,
  '7.6': 2,
  '9.1': 3,
  '9.2': 4,
  '10.1': 2,
  '10.2': 2,
  '10.3': 4,
  '10.4': 11,
  '10.5': 5,
  '10.6': 2,
  '10.7': 3,
}

test('each requirement of ASVS level 2 has a test, or a reason why it does not apply', () => {
  const rows = tableRows(readFileSync(new URL('../docs/asvs.md', import.meta.url), 'utf8'))
  for (const row of rows) {
    const [, , proof = ''] = row
    assert.ok(row.length === 3 && (testsIn(proof).length > 0 || /^Not applicable: \S/.test(proof)), row.join(' | '))
  }
  const expected = Object.entries(SECTIONS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, at) => `${section}.${at + 1}`),
  )
  assert.deepEqual(
    rows.map(([requirement = '']) => requirement.split(' ')[0]),
    expected,
  )
})
