import assert from 'node:assert/strict'
import { chmodSync, existsSync, rmSync, statSync, symlinkSync } from 'node:fs'
import test from 'node:test'
import { prepareSocketDirectory } from './socket-directory.ts'

const owner = process.getuid?.() ?? 0

test('the same data has the same place for its socket, closed to others even when somebody opened it', () => {
  const directory = prepareSocketDirectory('/data/one', [owner])
  try {
    chmodSync(directory, 0o777)
    assert.equal(prepareSocketDirectory('/data/one', [owner]), directory)
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    const other = prepareSocketDirectory('/data/two', [owner])
    rmSync(other, { recursive: true })
    assert.notEqual(other, directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a place that a stranger made first is not used', () => {
  const taken = prepareSocketDirectory('/data/taken', [owner])
  const own = prepareSocketDirectory('/data/taken', [owner + 1])
  try {
    assert.notEqual(own, taken)
    assert.ok(own.startsWith(taken))
  } finally {
    rmSync(own, { recursive: true })
    rmSync(taken, { recursive: true })
  }
})

test('a link in that place is not followed', () => {
  const taken = prepareSocketDirectory('/data/link', [owner])
  rmSync(taken, { recursive: true })
  symlinkSync('/', taken)
  const own = prepareSocketDirectory('/data/link', [owner])
  try {
    assert.notEqual(own, taken)
    assert.ok(existsSync(own))
  } finally {
    rmSync(own, { recursive: true })
    rmSync(taken)
  }
})
