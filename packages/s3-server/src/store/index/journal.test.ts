import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { Journal } from './journal.ts'
import { encodeEntry, JournalDamageError } from './journal-segment.ts'

const SCHEMA = 4

const makeDirectory = async () => {
  const path = await mkdtemp(join(tmpdir(), 's3-journal-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

const entriesAfter = async (directory: string, position: number): Promise<string[]> => {
  const entries: string[] = []
  for await (const { sequence, payload } of Journal.replay(directory, position))
    entries.push(`${sequence} ${payload.toString()}`)
  return entries
}

const append = async (journal: Journal, sequence: number, text = `change ${sequence}`): Promise<void> => {
  await journal.append(sequence, Buffer.from(text))
  await journal.sync()
}

/** A journal of `count` entries whose server was killed: zeros follow them. */
const killedAfter = async (directory: string, count: number, salt = 7): Promise<string> => {
  const journal = await Journal.open(directory, 0, SCHEMA, salt)
  for (let sequence = 1; sequence <= count; sequence++) await append(journal, sequence)
  const path = join(directory, `${'0'.repeat(16)}.log`)
  const left = await readFile(path)
  await journal.close()
  await writeFile(path, left)
  return path
}

const change = async (path: string, position: number, bytes: Buffer): Promise<void> => {
  const handle = await open(path, 'r+')
  await handle.write(bytes, 0, bytes.length, position)
  await handle.close()
}

test('what was appended is replayed in order, from any position, by a later start that goes on', async () => {
  await using directory = await makeDirectory()
  await killedAfter(directory.path, 3)
  assert.deepEqual(await entriesAfter(directory.path, 0), ['1 change 1', '2 change 2', '3 change 3'])
  const journal = await Journal.open(directory.path, 3, SCHEMA, 8)
  await append(journal, 4)
  await journal.close()
  assert.deepEqual(await entriesAfter(directory.path, 2), ['3 change 3', '4 change 4'])
  assert.deepEqual(await entriesAfter(directory.path, 4), [])
  assert.equal((await readdir(directory.path)).length, 1)
})

test('a torn last entry is no entry, wherever it was torn', async () => {
  const whole = encodeEntry(7, 3, Buffer.from('never acknowledged'))
  for (let cut = 1; cut < whole.length; cut++) {
    await using directory = await makeDirectory()
    const path = await killedAfter(directory.path, 2)
    const { end } = await sizes(path)
    await change(path, end, whole.subarray(0, cut))
    assert.deepEqual(await entriesAfter(directory.path, 0), ['1 change 1', '2 change 2'], `${cut} bytes`)
    const journal = await Journal.open(directory.path, 2, SCHEMA, 8)
    await append(journal, 3, 'x')
    await journal.close()
    assert.deepEqual(await entriesAfter(directory.path, 2), ['3 x'])
  }
})

/** Where the entries end and where the file ends. */
const sizes = async (path: string): Promise<{ end: number; size: number }> => {
  const bytes = await readFile(path)
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return { end, size: bytes.length }
}

test('an entry that was changed on the disk is damage to who needs it, and none to who has it', async () => {
  await using directory = await makeDirectory()
  const path = await killedAfter(directory.path, 5)
  const bytes = await readFile(path)
  const at = bytes.indexOf('change 3')
  await change(path, at, Buffer.from('chance'))
  await assert.rejects(entriesAfter(directory.path, 0), { name: 'JournalDamageError', upTo: 5 })
  await assert.rejects(entriesAfter(directory.path, 4), JournalDamageError)
  assert.deepEqual(await entriesAfter(directory.path, 5), [])
  const journal = await Journal.open(directory.path, 5, SCHEMA, 8)
  await append(journal, 6)
  await journal.close()
  assert.deepEqual(await entriesAfter(directory.path, 5), ['6 change 6'])
  assert.equal(await Journal.gapAt(directory.path), 5)
})

test('content that looks like an entry is none', async () => {
  await using directory = await makeDirectory()
  const path = await killedAfter(directory.path, 1, 7)
  const { end } = await sizes(path)
  // Torn, with what a client sent inside of it: an entry in all but the salt, which no client knows.
  const torn = encodeEntry(7, 2, encodeEntry(0, 99, Buffer.from('hostile')))
  await change(path, end, torn.subarray(0, torn.length - 1))
  assert.deepEqual(await entriesAfter(directory.path, 0), ['1 change 1'])
})

test('an entry that was taken back is not replayed, also when the next one is shorter', async () => {
  await using directory = await makeDirectory()
  const journal = await Journal.open(directory.path, 0, SCHEMA, 7)
  await append(journal, 1)
  await append(journal, 2, 'a long change that the index could not follow')
  await journal.retract()
  assert.deepEqual(await entriesAfter(directory.path, 0), ['1 change 1'])
  await append(journal, 2, 'b')
  await journal.close()
  assert.deepEqual(await entriesAfter(directory.path, 0), ['1 change 1', '2 b'])
})

test('segments follow each other, go when a base has them, and a missing one is noticed', async () => {
  await using directory = await makeDirectory()
  const journal = await Journal.open(directory.path, 0, SCHEMA, 7)
  const large = Buffer.alloc(33 * 1024 * 1024, 'x')
  for (let sequence = 1; sequence <= 5; sequence++) await journal.append(sequence, large)
  const names = (await readdir(directory.path)).toSorted()
  assert.deepEqual(
    names.map((name) => Number.parseInt(name, 10)),
    [0, 2, 4],
  )
  assert.ok(Math.abs(journal.bytes - 5 * large.length) < 1000)
  await journal.dropBefore(3)
  assert.deepEqual((await readdir(directory.path)).toSorted(), names.slice(1))
  assert.ok(Math.abs(journal.bytes - 3 * large.length) < 1000)
  await journal.close()
  const replayed: number[] = []
  for await (const { sequence } of Journal.replay(directory.path, 3)) replayed.push(sequence)
  assert.deepEqual(replayed, [4, 5])
  await assert.rejects(entriesAfter(directory.path, 1), /entries 2 to 2 before it are missing/)
})

test('an index that is ahead of its journal, or of another schema, begins a segment of its own', async () => {
  await using directory = await makeDirectory()
  await killedAfter(directory.path, 2)
  const ahead = await Journal.open(directory.path, 9, SCHEMA, 8)
  await ahead.close()
  assert.equal(await Journal.gapAt(directory.path), 9)
  const newer = await Journal.open(directory.path, 9, SCHEMA + 1, 8)
  await append(newer, 10)
  await newer.close()
  assert.equal(await Journal.gapAt(directory.path), undefined)
})

test('a segment that a crash left without its head is begun again', async () => {
  await using directory = await makeDirectory()
  const path = join(directory.path, `${'0'.repeat(16)}.log`)
  await writeFile(path, Buffer.alloc(5))
  const journal = await Journal.open(directory.path, 0, SCHEMA, 7)
  await append(journal, 1)
  await journal.close()
  assert.deepEqual(await entriesAfter(directory.path, 0), ['1 change 1'])
  assert.ok((await stat(path)).size < 100)
})

test('an entry that was written but not allowed for, the disk being full, is not replayed', async () => {
  await using directory = await makeDirectory()
  const journal = await Journal.open(directory.path, 0, SCHEMA, 7)
  const probe = await open(join(directory.path, `${'0'.repeat(16)}.log`))
  const full = mock.method(Object.getPrototypeOf(probe) as FileHandle, 'write', () =>
    Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  )
  await probe.close()
  // The entry itself goes another way; what fails are the zeros after it.
  await assert.rejects(append(journal, 1), { code: 'ENOSPC' })
  full.mock.restore()
  assert.deepEqual(await entriesAfter(directory.path, 0), [])
  await append(journal, 1, 'another')
  await journal.close()
  assert.deepEqual(await entriesAfter(directory.path, 0), ['1 another'])
})
