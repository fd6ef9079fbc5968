import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { testDatabase } from '../../src/db/test-database.ts'
import type { Person } from '../../src/objects/object-jobs.ts'
import { startS3Fixture } from '../homes/s3-fixture.ts'
import { startS3Proxy } from '../homes/s3-proxy.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { allow, testObjects } from './test-objects.ts'

const SCRIPT = fileURLToPath(new URL('objects-child.ts', import.meta.url))
const OBJECTS = 230

/** Numbers of the writes at which the process that sends them dies: before the store has them, or before it answers. */
const KILLS = [3, 60, 131, 230, 231, 350, 430]

test('a move whose processes are killed -9 at any request moves every object once, and loses none', async () => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const ada: Person = { userId: await addUser(database), groups: [] }
  const bucket = 'crash-test'
  await s3.client.send(new CreateBucketCommand({ Bucket: bucket }))
  await s3.client.send(
    new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  )
  await allow(database, ada, bucket, '', ['read', 'write', 'delete', 'list'])
  const large = randomBytes(22 * 1024 ** 2)
  const bytesOf = (i: number): Buffer => (i === 50 ? large : Buffer.from(`bytes of ${i}`))
  const name = (i: number): string => String(i).padStart(4, '0')
  for (let i = 0; i < OBJECTS; i++) {
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: `from/${name(i)}`, Body: bytesOf(i) }))
  }

  await database.query(
    `insert into starred (user_id, store, bucket, key) select $1, 'default', $2, unnest($3::text[])`,
    [ada.userId, bucket, ['from/', ...Array.from({ length: OBJECTS }, (_, i) => `from/${name(i)}`)]],
  )

  let child: ChildProcess | undefined
  let writes = 0
  const kills = [...KILLS]
  const dies = async (when: 'before' | 'answered'): Promise<'forward'> => {
    if (kills[0] === undefined || writes < kills[0] || (kills.length % 2 === 0) !== (when === 'before'))
      return 'forward'
    kills.shift()
    child?.kill('SIGKILL')
    return 'forward'
  }
  await using proxy = await startS3Proxy(s3.url, {
    before: ({ method }) => {
      if (method === 'GET' || method === 'HEAD') return 'forward'
      writes += 1
      return dies('before')
    },
    answered: ({ method }) => (method === 'GET' || method === 'HEAD' ? 'forward' : dies('answered')),
  })
  const start = (): ChildProcess =>
    spawn(process.execPath, [SCRIPT, JSON.stringify({ connection: database.connection, endpoint: proxy.url })], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })

  await using here = await testObjects({ database, endpoint: s3.url, works: false })
  const request = { from: { bucket, prefix: 'from/' }, to: { bucket, prefix: 'to/' }, onConflict: 'keep-both' as const }
  const { id } = await here.operations.transfer('move', ada, request, ORIGIN)
  let deaths = 0
  try {
    for (;;) {
      child = start()
      const died = once(child, 'exit')
      const job = await Promise.race([died.then(() => undefined), here.ended(id, ada)])
      if (job !== undefined) {
        assert.equal(job.state, 'done', job.problem?.detail ?? '')
        assert.deepEqual(job.progress, { done: OBJECTS, total: OBJECTS })
        break
      }
      deaths += 1
      await sleep(10)
    }
  } finally {
    child?.kill('SIGKILL')
  }
  assert.deepEqual(kills, [])
  assert.ok(deaths > 3, `${deaths} processes died`)

  const { Versions = [], DeleteMarkers = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket: bucket }))
  const all = Array.from({ length: OBJECTS }, (_, i) => name(i))
  const keysOf = (found: { Key?: string | undefined }[], prefix: string): string[] =>
    found.flatMap(({ Key = '' }) => (Key.startsWith(prefix) ? [Key.slice(prefix.length)] : [])).toSorted()
  assert.deepEqual(keysOf(Versions, 'to/'), all, 'each was copied once')
  assert.deepEqual(keysOf(Versions, 'from/'), all, 'no version was lost')
  assert.deepEqual(keysOf(DeleteMarkers, 'from/'), all, 'each source was deleted once')
  assert.deepEqual(keysOf(DeleteMarkers, 'to/'), [])
  for (const i of [0, 50, OBJECTS - 1]) {
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: `to/${name(i)}` }))
    assert(Body)
    assert.ok(Buffer.from(await Body.transformToByteArray()).equals(bytesOf(i)), name(i))
  }
  const stars = await database.query<{ key: string }>(`select key from starred order by key`)
  assert.deepEqual(
    stars.map(({ key }) => key),
    ['to/', ...all.map((each) => `to/${each}`)],
    'each star went with its object',
  )
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  assert.ok(Uploads.length <= 1, `${Uploads.length} copies in parts were left: one can die before its id is written`)
  const recorded = await database.query<{ n: number }>(
    `select count(distinct key) as n from audit_events where action = 'object.move' and outcome = 'allow'`,
  )
  assert.equal(recorded[0]?.n, OBJECTS)
})
