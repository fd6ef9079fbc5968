import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localInput } from './local-input.ts'

test('what an input gave comes back to it as it was', () => {
  for (const text of ['2026-01-02T03:04', '2026-07-31T23:59']) {
    assert.equal(localInput(new Date(text).toISOString()), text)
  }
})

test('no time is an empty input', () => assert.equal(localInput(undefined), ''))
