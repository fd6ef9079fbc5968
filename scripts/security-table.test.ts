import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const ROW = /^\| (?<attack>[^|]+) \| (?<outcome>[^|]+) \| (?<tests>[^|]+) \|$/

test('each attack of docs/security.md names what happens and a test that tries it', () => {
  const text = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8')
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  const rows = lines.filter((line) => !/^\| (attack|-)|^\|-/.test(line))
  assert.ok(rows.length > 5)
  for (const row of rows) {
    const tests = ROW.exec(row)?.groups?.['tests']
    // That the files are there is seen by doc-paths.test.ts.
    assert.match(tests ?? '', /`[\w./-]+\.test\.ts`/, row)
  }
})
