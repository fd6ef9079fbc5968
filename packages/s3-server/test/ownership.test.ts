import assert from 'node:assert/strict'
import { cp, mkdir, mkdtempDisposable, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import { runVerb } from './run-verb.ts'

/** Too much for the index: it gets a file. */
const filed = (text: string): string => text.padEnd(20_000, '.')

/** Every file below a directory; locks, which only tell who was there last, are left out. */
const listing = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.startsWith('lock.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()

const folder = () => mkdtempDisposable(join(tmpdir(), 's3-ours-'))

const withObject = async () => {
  const running = await startRunningServer()
  await send(running.server.url, { method: 'PUT', path: '/ours' })
  await send(running.server.url, { method: 'PUT', path: '/ours/o', body: filed('kept') })
  return running
}

test('a backup deletes nothing of a target that is not its own', async (t) => {
  await using running = await withObject()
  const backUp = (target: string) => runVerb('backup', target, '--data', running.dataDir)
  const cases: readonly (readonly [name: string, prepare: (target: string) => Promise<unknown>, reason: RegExp])[] = [
    ['photos', (target) => writeFile(join(target, 'photo.jpg'), 'x'), /is not empty and has no backup/],
    [
      'photos in folders of our names',
      async (target) => {
        await mkdir(join(target, 'blobs', 'ab'), { recursive: true })
        await writeFile(join(target, 'blobs', 'ab', 'photo.jpg'), 'x')
      },
      /is not empty and has no backup/,
    ],
    [
      "another store's backup",
      async (target) => {
        await using other = await withObject()
        assert.equal((await runVerb('backup', target, '--data', other.dataDir)).code, 0)
      },
      /belongs to another store/,
    ],
    [
      'a stopped store',
      async (target) => {
        await using other = await withObject()
        await other.server.close()
        await cp(other.dataDir, target, { recursive: true })
      },
      /belongs to another store/,
    ],
    [
      'a backup on which a server has run',
      async (target) => {
        assert.equal((await backUp(target)).code, 0)
        await using restored = await startRunningServer({ dataDir: target })
        await send(restored.server.url, { method: 'PUT', path: '/ours/later', body: filed('later') })
      },
      /A server has run on/,
    ],
  ]
  for (const [name, prepare, reason] of cases) {
    await t.test(name, async () => {
      await using target = await folder()
      await prepare(target.path)
      const before = await listing(target.path)
      const { code, errors } = await backUp(target.path)
      assert.equal(code, 1)
      assert.match(errors, reason)
      assert.deepEqual(await listing(target.path), before)
    })
  }
  await t.test('a running server', async () => {
    await using target = await folder()
    assert.equal((await backUp(target.path)).code, 0)
    const marker = await readFile(join(target.path, 'store.json'))
    await using _restored = await startRunningServer({ dataDir: target.path })
    // As if the server had only just begun.
    await writeFile(join(target.path, 'store.json'), marker)
    assert.match((await backUp(target.path)).errors, /is in use by process/)
  })
})

test('a later backup leaves what others have put into it', async () => {
  await using running = await withObject()
  await using target = await folder()
  const backUp = () => runVerb('backup', target.path, '--data', running.dataDir)
  assert.equal((await backUp()).code, 0)
  const notes = ['notes.txt', 'blobs/notes.txt', 'blobs/ab/notes.txt'].map((name) => join(target.path, name))
  for (const path of notes) await writeFile(path, 'x')
  await send(running.server.url, { method: 'DELETE', path: '/ours/o' })
  assert.equal((await backUp()).code, 0)
  for (const path of notes) assert.equal(await readFile(path, 'utf8'), 'x')
  assert.equal((await listing(join(target.path, 'blobs'))).length, 2)
})

test('a directory that is no store is refused by every verb, and stays as it is', async (t) => {
  const index = async (directory: string): Promise<void> => {
    const database = new DatabaseSync(join(directory, 'index.sqlite'))
    database.exec('CREATE TABLE songs (name TEXT)')
    database.close()
  }
  const tmp = async (directory: string): Promise<void> => {
    await mkdir(join(directory, 'tmp'))
    await writeFile(join(directory, 'tmp', 'photo.jpg'), 'x')
  }
  for (const [name, prepare] of [
    ['a folder tmp', tmp],
    ['an index of something else', index],
  ] as const) {
    await t.test(name, async () => {
      await using directory = await folder()
      await prepare(directory.path)
      const before = await listing(directory.path)
      await assert.rejects(startRunningServer({ dataDir: directory.path }), /is no store, but has/)
      const verbs = [
        ['check'],
        ['repair'],
        ['repair', '--drop-damaged'],
        ['repair', '--rebuild-index'],
        ['keys', 'rewrap'],
        ['keys', 'add', 'k'],
        ['backup', join(directory.path, '..', 'never')],
      ]
      for (const verb of verbs) {
        const { code } = await runVerb(...verb, '--data', directory.path)
        assert.equal(code, 1, verb.join(' '))
      }
      assert.deepEqual(await listing(directory.path), before)
    })
  }
})

test('what lies in the tmp of a store and is none of its uploads stays', async () => {
  await using running = await startRunningServer()
  await running.server.close()
  const tmp = join(running.dataDir, 'tmp')
  const leftover = '0'.repeat(32)
  for (const name of ['photo.jpg', leftover]) await writeFile(join(tmp, name), 'x')
  {
    await using _again = await startRunningServer({ dataDir: running.dataDir })
    assert.deepEqual(await readdir(tmp), ['photo.jpg'])
  }
  assert.equal((await runVerb('repair', '--data', running.dataDir)).code, 0)
  assert.deepEqual(await readdir(tmp), ['photo.jpg'])
})

test('a key file that is missing or foreign is never replaced and never used', async (t) => {
  const encrypted = { 'x-amz-server-side-encryption': 'AES256' }
  await using running = await withObject()
  await send(running.server.url, { method: 'PUT', path: '/ours/sealed', body: filed('sealed'), headers: encrypted })
  await running.server.close()
  const { dataDir } = running
  const path = join(dataDir, 'keys.json')
  const aside = join(dataDir, 'keys.aside')
  await using other = await startRunningServer()
  for (const [name, replace, reason] of [
    ['missing', () => rename(path, aside), /keys\.json is missing/],
    [
      'foreign',
      async () => {
        await rename(path, aside)
        await cp(join(other.dataDir, 'keys.json'), path)
      },
      /is not the key file of this store/,
    ],
  ] as const) {
    await t.test(name, async () => {
      await replace()
      const before = await listing(dataDir)
      await assert.rejects(startRunningServer({ dataDir }), reason)
      for (const verb of [['check'], ['repair', '--deep', '--drop-damaged'], ['keys', 'rewrap']]) {
        const { code, errors } = await runVerb(...verb, '--data', dataDir)
        assert.equal(code, 1, verb.join(' '))
        assert.match(errors, reason, verb.join(' '))
      }
      if (name === 'missing') assert.match((await runVerb('keys', 'add', 'k', '--data', dataDir)).errors, reason)
      assert.deepEqual(await listing(dataDir), before)
      await rm(path, { force: true })
      await rename(aside, path)
      await using again = await startRunningServer({ dataDir })
      assert.equal((await send(again.server.url, { path: '/ours/sealed' })).text, filed('sealed'))
    })
  }
})

test('a second rebuild keeps what the first has put aside', async () => {
  await using running = await withObject()
  await running.server.close()
  const { dataDir } = running
  await writeFile(join(dataDir, 'index.sqlite'), 'wrecked')
  const wrecked = await startRunningServer({ dataDir }).then(
    () => 'started',
    (error: Error) => error.message,
  )
  assert.match(wrecked, /index\.sqlite is damaged .*repair --rebuild-index --data /)
  for (let round = 0; round < 2; round++) {
    assert.equal((await runVerb('repair', '--rebuild-index', '--data', dataDir)).code, 0)
  }
  assert.equal(await readFile(join(dataDir, 'damaged', 'index.sqlite'), 'utf8'), 'wrecked')
})
