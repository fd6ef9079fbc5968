import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { tableRows, testsIn } from './table-rows.ts'

test('each attack of docs/security.md names what happens and a test that tries it', () => {
  const rows = tableRows(readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8'))
  assert.ok(rows.length > 5)
  for (const row of rows) {
    const [attack, outcome, tests] = row
    assert.ok(row.length === 3 && attack && outcome, row.join(' | '))
    assert.ok(testsIn(tests!).length > 0, row.join(' | '))
  }
})
