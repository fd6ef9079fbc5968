import assert from 'node:assert/strict'
import fs from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { BucketTable } from '../tables/bucket-table.ts'
import { IndexDatabase } from './index-database.ts'

const makeIndex = async () => {
  const directory = await mkdtemp(join(tmpdir(), 's3-index-'))
  const open = () => IndexDatabase.open(join(directory, 'index.sqlite'), join(directory, 'journal'))
  return { open, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) }
}

const names = (index: IndexDatabase): string[] =>
  index
    .prepare('SELECT name FROM bucket ORDER BY name')
    .all()
    .map(({ name }) => String(name))

const add = (index: IndexDatabase, name: string): Promise<unknown> =>
  index.write(() => index.prepare('INSERT INTO bucket (name, created_at) VALUES (?, 0)').run(name))

/** Lets a call of the file system fail as the disk would have it. */
const breakDisk = (call: 'fdatasync' | 'writeSync', code: string): Disposable => {
  const error = Object.assign(new Error(code), { code })
  mock.method(fs, call, (...parameters: unknown[]) => {
    const done = parameters.at(-1)
    if (typeof done !== 'function') throw error
    done(error)
  })
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]: () => {
      mock.restoreAll()
      syncBuiltinESMExports()
    },
  }
}

/** Lets syncs wait until it is disposed. */
const holdSyncs = (): Disposable => {
  const { fdatasync } = fs
  const held: (() => void)[] = []
  mock.method(fs, 'fdatasync', (...parameters: Parameters<typeof fdatasync>) => {
    held.push(() => {
      fdatasync(...parameters)
    })
  })
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]: () => {
      mock.restoreAll()
      syncBuiltinESMExports()
      for (const sync of held) sync()
    },
  }
}

test('nobody sees a change before it is durable', async () => {
  await using made = await makeIndex()
  const index = await made.open()
  for (let round = 0; round < 30; round++) {
    const name = `bucket-${String(round).padStart(2, '0')}`
    let isDurable = false
    const written = add(index, name).then(() => {
      isDurable = true
    })
    let looks = 0
    for (; !isDurable; looks++) {
      assert.equal(names(index).includes(name), isDurable, `look ${looks} of round ${round}`)
      await new Promise(setImmediate)
    }
    await written
    assert.ok(names(index).includes(name))
  }
  await index.close()
})

test('one change of a group that fails takes nothing else with it, and leaves nothing', async () => {
  await using made = await makeIndex()
  const index = await made.open()
  const failing = index.write(() => {
    index.prepare(`INSERT INTO bucket (name, created_at) VALUES ('half', 0)`).run()
    throw new Error('no')
  })
  const [, refused] = await Promise.allSettled([add(index, 'a'), failing, add(index, 'b')])
  assert.equal(refused.status, 'rejected')
  assert.deepEqual(names(index), ['a', 'b'])
  await index.close()
  const again = await made.open()
  assert.deepEqual(names(again), ['a', 'b'])
  await again.close()
})

test('what would change something outside of a write is refused', async () => {
  await using made = await makeIndex()
  const index = await made.open()
  assert.throws(() => index.prepare('DELETE FROM bucket'), /outside a write/)
  await index.close()
})

test('a journal without room refuses the change, and takes the next one', async () => {
  await using made = await makeIndex()
  const index = await made.open()
  await add(index, 'before')
  {
    using _full = breakDisk('writeSync', 'ENOSPC')
    await assert.rejects(add(index, 'refused'), { code: 'ENOSPC' })
    assert.deepEqual(names(index), ['before'])
  }
  await add(index, 'after')
  assert.deepEqual(names(index), ['after', 'before'])
  await index.close()
  const again = await made.open()
  assert.deepEqual(names(again), ['after', 'before'])
  await again.close()
})

test('when a sync fails nothing is written any more until a start, and what was acknowledged is there', async () => {
  await using made = await makeIndex()
  const index = await made.open()
  await add(index, 'before')
  {
    using _broken = breakDisk('fdatasync', 'EIO')
    await assert.rejects(add(index, 'unknown'), { name: 'JournalFailure' })
  }
  await assert.rejects(add(index, 'later'), { name: 'JournalFailure' })
  assert.ok(names(index).includes('before'))
  await index.close()
  const again = await made.open()
  assert.ok(names(again).includes('before') && !names(again).includes('later'))
  await add(again, 'later')
  await again.close()
})

test('buckets in memory are those of the index: within a change as it goes, outside as it is durable', async () => {
  await using made = await makeIndex()
  const index = await made.open()
  const buckets = new BucketTable(index)
  await index.write(() => {
    buckets.create('one', 0)
    assert.equal(buckets.find('one')?.versioning, 'Unversioned')
  })
  const id = buckets.find('one')?.id ?? 0
  let changed: Promise<void>
  {
    using _held = holdSyncs()
    changed = index.write(() => {
      buckets.setVersioning(id, 'Enabled')
      buckets.putSetting(id, 'cors', '[]')
      assert.deepEqual([buckets.find('one')?.versioning, buckets.settingOf('one', 'cors')], ['Enabled', '[]'])
    })
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    assert.equal(buckets.find('one')?.versioning, 'Unversioned')
  }
  await changed
  assert.deepEqual([buckets.find('one')?.versioning, buckets.setting(id, 'cors')], ['Enabled', '[]'])
  const undone = index.write(() => {
    buckets.delete(id)
    assert.equal(buckets.find('one'), undefined)
    throw new Error('no')
  })
  await assert.rejects(undone)
  assert.equal(buckets.find('one')?.id, id)
  await index.write(() => {
    buckets.delete(id)
  })
  assert.equal(buckets.find('one'), undefined)
  await index.close()
})
