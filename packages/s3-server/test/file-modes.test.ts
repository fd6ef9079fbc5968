import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { makeClient } from './running-server.ts'
import { runVerb } from './run-verb.ts'
import { startServerProcess } from './server-process.ts'

const openToOthers = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder, { recursive: true })
  const found = await Promise.all(
    names.map(async (name) => ((await stat(join(folder, name))).mode & 0o007 ? [name] : [])),
  )
  return found.flat()
}

test(
  'no file of a store is open to other users, nor one of its backup',
  { skip: process.platform === 'win32' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 's3-modes-'))
    const before = process.umask(0o022)
    try {
      const [dataDir, target] = [join(folder, 'data'), join(folder, 'backup')]
      await using server = await startServerProcess(dataDir, '--access-log', join(folder, 'access.jsonl'))
      const client = makeClient(server.url)
      await client.send(new CreateBucketCommand({ Bucket: 'mine' }))
      for (const Body of ['small', Buffer.alloc(100_000)]) {
        await client.send(new PutObjectCommand({ Bucket: 'mine', Key: 'a', Body, ServerSideEncryption: 'AES256' }))
      }
      client.destroy()
      assert.equal((await runVerb('backup', target, '--data', dataDir)).code, 0)
      assert.deepEqual(await openToOthers(folder), [])
    } finally {
      process.umask(before)
      await rm(folder, { recursive: true, force: true })
    }
  },
)
