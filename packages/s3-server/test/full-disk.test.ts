import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { S3Client, UploadPartCommandOutput } from '@aws-sdk/client-s3'
import { makeClient, startRunningServer } from './running-server.ts'
import { startServerProcess } from './server-process.ts'
import type { RunningServer } from './running-server.ts'
import { runVerb } from './run-verb.ts'

const MIB = 1024 * 1024
const DISK = 48 * MIB
/** Only root may mount; what can't run there is not registered. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0

interface SmallDisk extends AsyncDisposable {
  readonly path: string
  readonly free: () => Promise<number>
}

const mountSmallDisk = async (size = DISK): Promise<SmallDisk> => {
  const path = await mkdtemp(join(tmpdir(), 's3-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path])
  return {
    path,
    free: async () => {
      const { bavail, bsize } = await statfs(path)
      return bavail * bsize
    },
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', [path])
      await rm(path, { recursive: true })
    },
  }
}

const leftovers = async ({ dataDir }: RunningServer): Promise<string[]> => readdir(join(dataDir, 'tmp'))

const refusalOf = async (request: Promise<unknown>): Promise<string | undefined> => {
  try {
    await request
    return undefined
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error
    return `${error.name} ${error.$metadata.httpStatusCode}`
  }
}

const FULL = 'ServiceUnavailable 503'

/** Puts objects until one is refused; gives the keys of those that were not. */
const fill = async (client: S3Client, prefix: string, size: number): Promise<string[]> => {
  const kept: string[] = []
  for (;;) {
    const Key = `${prefix}${kept.length}`
    const refusal = await refusalOf(client.send(new PutObjectCommand({ Bucket: 'full', Key, Body: randomBytes(size) })))
    if (refusal !== undefined) {
      assert.equal(refusal, FULL)
      return kept
    }
    kept.push(Key)
    assert.ok(kept.length < 10_000, 'a disk without end')
  }
}

if (canMount) {
  test('a full disk refuses what does not fit, keeps what it has, can be emptied, and goes on', async () => {
    await using disk = await mountSmallDisk()
    {
      await using running = await startRunningServer({ dataDir: disk.path })
      const { client } = running
      await client.send(new CreateBucketCommand({ Bucket: 'full' }))
      const large = await fill(client, 'large/', 3 * MIB)
      assert.ok(large.length > 5, `${large.length} objects`)
      // Small ones still fit, till they don't either.
      await fill(client, 'small/', 200_000)
      assert.deepEqual(await leftovers(running), [])
      const full = await disk.free()

      // What was acknowledged is all there, and nothing else is.
      const { KeyCount = 0, Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'full' }))
      assert.ok(KeyCount >= large.length)
      for (const { Key, Size } of Contents) {
        const got = await client.send(new GetObjectCommand({ Bucket: 'full', Key }))
        assert.equal((await got.Body?.transformToByteArray())?.length, Size)
      }

      // A refused upload gives its room back, whatever its shape.
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'full', Key: 'parts' }))
      const part = { Bucket: 'full', Key: 'parts', UploadId, PartNumber: 1 }
      const send = (): Promise<UploadPartCommandOutput> =>
        client.send(new UploadPartCommand({ ...part, Body: randomBytes(6 * MIB) }))
      for (let round = 0; round < 5; round++) assert.equal(await refusalOf(send()), FULL)
      assert.deepEqual(await leftovers(running), [])
      assert.ok((await disk.free()) > full - MIB)

      for (const Key of large) await client.send(new DeleteObjectCommand({ Bucket: 'full', Key }))
      const { ETag } = await send()
      await client.send(
        new CompleteMultipartUploadCommand({
          Bucket: 'full',
          Key: 'parts',
          UploadId,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
        }),
      )
    }
    assert.match((await runVerb('check', '--data', disk.path, '--deep')).output, /; 0 damages\n$/)
  })

  test('a disk that fills up under a write (the reserve taken by others) leaves nothing of it and loses nothing', async () => {
    await using disk = await mountSmallDisk()
    const stranger = join(disk.path, 'stranger')
    {
      await using running = await startRunningServer({ dataDir: disk.path })
      const { client } = running
      await client.send(new CreateBucketCommand({ Bucket: 'full' }))
      await client.send(new PutObjectCommand({ Bucket: 'full', Key: 'first', Body: 'kept' }))
      // Room enough when it begins; the stranger takes it while the body is still coming.
      let isTaken = false
      const body = async function* (): AsyncGenerator<Buffer> {
        for (let piece = 0; piece < 12; piece++) {
          yield randomBytes(MIB)
          if (piece < 3 || isTaken) continue
          isTaken = true
          const room = Math.floor((await disk.free()) / MIB) - 2
          execFileSync('dd', ['if=/dev/zero', `of=${stranger}`, 'bs=1M', `count=${room}`], { stdio: 'ignore' })
        }
      }
      const refusal = await refusalOf(
        client.send(
          new PutObjectCommand({
            Bucket: 'full',
            Key: 'second',
            Body: Readable.from(body()),
            ContentLength: 12 * MIB,
          }),
        ),
      )
      assert.equal(refusal, FULL)
      assert.deepEqual(await leftovers(running), [])
      // Not a byte is left for the index: a change is refused, not half done.
      execFileSync('sh', ['-c', `dd if=/dev/zero of=${stranger}2 bs=4k 2>/dev/null || true`])
      const changes: Promise<string | undefined>[] = []
      for (let at = 0; at < 40; at++) {
        changes.push(refusalOf(client.send(new CreateBucketCommand({ Bucket: `bucket-${at}` }))))
      }
      const outcomes = new Set(await Promise.all(changes))
      assert.ok(outcomes.has(FULL), [...outcomes].join(', '))
      await rm(stranger)
      await rm(`${stranger}2`)
      const got = await client.send(new GetObjectCommand({ Bucket: 'full', Key: 'first' }))
      assert.equal(await got.Body?.transformToString(), 'kept')
      await client.send(new PutObjectCommand({ Bucket: 'full', Key: 'second', Body: randomBytes(6 * MIB) }))
    }
    assert.match((await runVerb('check', '--data', disk.path, '--deep')).output, /; 0 damages\n$/)
  })

  test('a disk that is full of small objects can be emptied, and filled again', async () => {
    await using disk = await mountSmallDisk()
    {
      await using running = await startRunningServer({ dataDir: disk.path })
      const { client } = running
      await client.send(new CreateBucketCommand({ Bucket: 'full' }))
      const counts: number[] = []
      for (let round = 0; round < 2; round++) {
        const kept = await fill(client, `${round}/`, 16_000)
        counts.push(kept.length)
        for (let at = 0; at < kept.length; at += 200) {
          const Objects = kept.slice(at, at + 200).map((Key) => ({ Key }))
          const remove = (): Promise<unknown> =>
            client.send(new DeleteObjectsCommand({ Bucket: 'full', Delete: { Objects } }))
          // As clients do: there may be no room for a moment, while the index is being copied.
          for (let tries = 0; tries < 150 && (await refusalOf(remove())) !== undefined; tries++) await sleep(200)
        }
        // Room comes back in the background.
        for (let tries = 0; tries < 3000 && (await disk.free()) < DISK / 2; tries++) await sleep(20)
      }
      assert.ok(Math.min(...counts) > 500, counts.join(', '))
    }
    assert.match((await runVerb('check', '--data', disk.path, '--deep')).output, /; 0 damages\n$/)
  })

  test('on a disk that others have filled to the last byte objects can be deleted, also after kill -9', async () => {
    await using disk = await mountSmallDisk(160 * MIB)
    const stranger = join(disk.path, 'stranger')
    const ballast = join(disk.path, 'ballast')
    const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
      for (let tries = 0; !(await isSo()); tries++) {
        assert.ok(tries < 2000, what)
        await sleep(20)
      }
    }
    const fillUp = (): void => {
      execFileSync('sh', ['-c', `dd if=/dev/zero bs=64k >> ${stranger} 2>/dev/null || true`])
      execFileSync('sh', ['-c', `dd if=/dev/zero bs=512 >> ${stranger} 2>/dev/null || true`])
    }
    {
      await using server = await startServerProcess(disk.path)
      const client = makeClient(server.url)
      await client.send(new CreateBucketCommand({ Bucket: 'full' }))
      for (const Key of ['one', 'two', 'three']) {
        await client.send(new PutObjectCommand({ Bucket: 'full', Key, Body: randomBytes(MIB) }))
      }
      await until('there is a ballast', () => existsSync(ballast))
      fillUp()
      assert.equal(await disk.free(), 0)
      // Uploads do not get the room of the ballast.
      const put = new PutObjectCommand({ Bucket: 'full', Key: 'more', Body: 'x' })
      assert.equal(await refusalOf(client.send(put)), FULL)
      await client.send(new DeleteObjectCommand({ Bucket: 'full', Key: 'one' }))
      assert.ok(!existsSync(ballast))
      assert.equal(await refusalOf(client.send(put)), FULL)
      await rm(stranger)
      client.destroy()
    }
    {
      await using server = await startServerProcess(disk.path)
      await until('there is a ballast again', () => existsSync(ballast))
      await server.stop('SIGKILL')
    }
    fillUp()
    assert.equal(await disk.free(), 0)
    {
      await using server = await startServerProcess(disk.path)
      const client = makeClient(server.url)
      await client.send(new DeleteObjectCommand({ Bucket: 'full', Key: 'two' }))
      const got = await client.send(new GetObjectCommand({ Bucket: 'full', Key: 'three' }))
      assert.equal((await got.Body?.transformToByteArray())?.length, MIB)
      client.destroy()
      assert.equal(await server.stop('SIGTERM'), 0)
    }
    assert.match((await runVerb('check', '--data', disk.path, '--deep')).output, /; 0 damages\n$/)
  })
}
