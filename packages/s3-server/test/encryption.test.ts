import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateBucketCommand, PutBucketEncryptionCommand } from '@aws-sdk/client-s3'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const blobFiles = async (dataDir: string): Promise<string[]> =>
  (await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const prepare = async (): Promise<RunningServer> => {
  const running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'sealed' }))
  await running.client.send(
    new PutBucketEncryptionCommand({
      Bucket: 'sealed',
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  )
  return running
}

test('bytes of an encrypted bucket lie encrypted on the disk and are read back, whole and in ranges', async () => {
  await using running = await prepare()
  const { url } = running.server
  for (const size of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
    const body = Buffer.concat([Buffer.from('RECOGNISABLE'), randomBytes(size)]).subarray(0, size)
    const put = await send(url, { method: 'PUT', path: '/sealed/o', body })
    assert.equal(put.headers['x-amz-server-side-encryption'], 'AES256')
    const got = await send(url, { path: '/sealed/o' })
    assert.equal(got.headers['x-amz-server-side-encryption'], 'AES256')
    assert.ok(got.body.equals(body), `${size} bytes`)
    for (const [start, end] of [
      [0, 0],
      [65_530, 65_545],
      [65_536, 65_536],
      [size - 3, size - 1],
    ] as const) {
      if (start < 0 || start >= size) continue
      const part = await send(url, { path: '/sealed/o', headers: { range: `bytes=${start}-${end}` } })
      assert.ok(part.body.equals(body.subarray(start, end + 1)), `${start} to ${end} of ${size}`)
    }
  }
  const contents = await Promise.all((await blobFiles(running.dataDir)).map((path) => readFile(path)))
  assert.ok(contents.length > 0)
  assert.ok(contents.every((content) => !content.includes('RECOGNISABLE')))
})

test('a bit that flips on the disk is an error, never other bytes', async () => {
  await using running = await prepare()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/sealed/o', body: randomBytes(100_000) })
  const [path = ''] = await blobFiles(running.dataDir)
  const content = await readFile(path)
  content[70_000] = (content[70_000] ?? 0) ^ 1
  await writeFile(path, content)
  const first = await send(url, { path: '/sealed/o', headers: { range: 'bytes=0-9' } })
  assert.equal(first.status, 206)
  const second = await send(url, { path: '/sealed/o', headers: { range: 'bytes=70000-70009' } })
  assert.equal(second.status, 500)
  assert.equal(second.code, 'InternalError')
  await assert.rejects(send(url, { path: '/sealed/o' }))
})

test('objects stay readable after a restart, and not without the key file', async () => {
  await using outer = await prepare()
  await send(outer.server.url, { method: 'PUT', path: '/sealed/o', body: 'kept' })
  await outer.server.close()
  {
    await using inner = await startRunningServer({ dataDir: outer.dataDir })
    assert.equal((await send(inner.server.url, { path: '/sealed/o' })).text, 'kept')
  }
  const keyFile = join(outer.dataDir, 'other.json')
  await assert.rejects(startRunningServer({ dataDir: outer.dataDir, keyFile }), /other\.json is missing/)
})
