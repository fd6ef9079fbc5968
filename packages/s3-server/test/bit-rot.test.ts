import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rename, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

const FRAME = 65_536

const blobFiles = async (dataDir: string): Promise<string[]> =>
  (await readdir(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const flip = async (path: string, at: number): Promise<void> => {
  const content = await readFile(path)
  content[at] = (content[at] ?? 0) ^ 4
  await writeFile(path, content)
}

test('whole objects and ranges of every shape come back as they were put', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'plain' }))
  for (const size of [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME + 7, 9 * FRAME + 100]) {
    const body = randomBytes(size)
    await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'o', Body: body }))
    const whole = await client.send(new GetObjectCommand({ Bucket: 'plain', Key: 'o' }))
    assert.ok(body.equals((await whole.Body?.transformToByteArray()) ?? Buffer.of(1)), `${size} bytes`)
    for (const [start, end] of [
      [0, 0],
      [FRAME - 1, FRAME],
      [FRAME, 2 * FRAME - 1],
      [4 * FRAME - 3, 8 * FRAME + 3],
      [size - 3, size - 1],
    ] as const) {
      if (start < 0 || end >= size) continue
      const part = await send(running.server.url, { path: '/plain/o', headers: { range: `bytes=${start}-${end}` } })
      assert.ok(part.body.equals(body.subarray(start, end + 1)), `${start} to ${end} of ${size}`)
    }
  }
})

test('a bit that flips on the disk is an error on reading, and frames that are whole are still read', async (t) => {
  const size = 6 * FRAME + 10
  const places: [name: string, at: number, bad: number][] = [
    ['in the first frame', 5, 0],
    ['in the fifth frame', 4 * FRAME + 9, 4 * FRAME],
    ['in the last, short frame', size - 1, size - 1],
    ['in the checksum of the second frame', size + 12, FRAME + 1],
  ]
  for (const [name, at, bad] of places) {
    await t.test(name, async () => {
      await using running = await startRunningServer()
      const { url } = running.server
      const body = randomBytes(size)
      await send(url, { method: 'PUT', path: '/rot' })
      await send(url, { method: 'PUT', path: '/rot/o', body })
      const [path = ''] = await blobFiles(running.dataDir)
      await flip(path, at)
      const refused = await send(url, { path: '/rot/o', headers: { range: `bytes=${bad}-${bad}` } })
      assert.deepEqual([refused.status, refused.code], [500, 'InternalError'])
      const good = await send(url, { path: '/rot/o', headers: { range: `bytes=${2 * FRAME}-${2 * FRAME + 9}` } })
      assert.ok(good.body.equals(body.subarray(2 * FRAME, 2 * FRAME + 10)))
      // The head is out when the bad frame comes; or, in the first frames, nothing is.
      const whole = await send(url, { path: '/rot/o' }).catch(() => undefined)
      assert.ok(whole === undefined || whole.status === 500)
    })
  }
})

test('a file that was cut, lost or swapped with another is an error on reading', async (t) => {
  const damages: [name: string, damage: (one: string, other: string) => Promise<void>][] = [
    ['cut', (one) => truncate(one, 1000)],
    ['without its checksums', (one) => truncate(one, 100_000)],
    ['lost', (one) => unlink(one)],
    ['swapped', (one, other) => rename(other, one)],
  ]
  for (const [name, damage] of damages) {
    await t.test(name, async () => {
      await using running = await startRunningServer()
      const { url } = running.server
      await send(url, { method: 'PUT', path: '/rot' })
      await send(url, { method: 'PUT', path: '/rot/o', body: randomBytes(100_000) })
      const [one = ''] = await blobFiles(running.dataDir)
      await send(url, { method: 'PUT', path: '/rot/p', body: randomBytes(100_000) })
      const other = (await blobFiles(running.dataDir)).find((path) => path !== one) ?? ''
      await damage(one, other)
      assert.equal((await send(url, { path: '/rot/o' })).code, 'InternalError')
    })
  }
})
