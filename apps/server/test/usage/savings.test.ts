import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { parsePriceBook } from '@skycrate/core/economics/price-book'
import { testDatabase } from '../../src/db/test-database.ts'
import type { Asker } from '../../src/usage/usage-scope.ts'
import { startS3Fixture } from '../homes/s3-fixture.ts'
import { addUser, ORIGIN } from '../homes/test-homes.ts'
import { testUsage } from './test-usage.ts'

const BUCKET = 'saving-files'
const DAY_MS = 86_400_000

test('the store runs the applied rule with its clock moved, and the measured saving of a year is the promised one', async (t) => {
  await using database = await testDatabase()
  await using s3 = await startS3Fixture()
  const admin: Asker = { userId: await addUser(database), groups: [], isAdmin: true }
  await s3.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  await database.query(
    `insert into buckets (store, name, kind, state, region) values ('default', $1, 'created', 'ready', 'here')`,
    [BUCKET],
  )
  // A thousand times what S3 takes for storage, so that a few megabytes are worth an advice.
  const parsed = parsePriceBook({
    name: 'Test',
    date: '2026-11-01',
    source: 'https://example.com/',
    currency: 'EUR',
    defaultRegion: 'here',
    regions: {
      here: {
        STANDARD: { perGBMonth: 23, perThousandPuts: 0.005, perThousandGets: 0.0004 },
        GLACIER_IR: {
          perGBMonth: 4,
          perThousandPuts: 0.02,
          perThousandGets: 0.01,
          perThousandTransitions: 0.02,
          perGBRetrieved: 0.03,
          minimumDays: 90,
          minimumBytes: 131_072,
        },
      },
    },
  })
  assert.ok(parsed.ok, JSON.stringify(parsed))
  for (let at = 0; at < 60; at++) {
    const Body = Buffer.alloc(at % 4 === 0 ? 60_000 : 150_000 + at * 1000, String(at))
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `photos/${at}`, Body }))
  }
  let later = 0
  await using usage = await testUsage({
    database,
    endpoint: s3.url,
    prices: parsed.book,
    now: () => Date.now() + later,
  })
  const count = async (day: number): Promise<void> => {
    later = day * DAY_MS
    await s3.runLifecycleLater(later)
    const { id } = await usage.storage.takeInventory(admin, { bucket: BUCKET }, ORIGIN)
    assert.equal((await usage.ended(id)).state, 'done')
  }
  await count(0)
  const [advice] = (await usage.storage.costs(admin, 'all')).advice
  assert.ok(advice, 'an advice is given')
  assert.equal(advice.rule.toClass, 'GLACIER_IR')
  const by = { userId: admin.userId, origin: ORIGIN, ifMatch: undefined }
  const applied = await usage.storage.changeRules('default', BUCKET, { rules: [advice.rule] }, by)
  assert.deepEqual(applied.rules, [advice.rule])

  const due = advice.rule.afterDays + 1
  for (const day of [...new Set([due, due + 1, 30, 91, 182, 273, 365])].toSorted((a, b) => a - b)) await count(day)
  const classOf = async (Key: string) =>
    (await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))).StorageClass ?? 'STANDARD'
  assert.deepEqual([await classOf('photos/0'), await classOf('photos/1')], ['STANDARD', 'GLACIER_IR'])
  const [measured] = (await usage.storage.costs(admin, 'all')).applied
  t.diagnostic(`promised ${advice.saving.toFixed(4)} for the year, measured ${measured?.saved?.toFixed(4)}`)
  assert.equal(measured?.objects, advice.objects)
  assert.ok(Math.abs(measured.saved! / advice.saving - 1) < 0.01, `${measured.saved} for ${advice.saving}`)
  assert.ok(Math.abs(measured.promised! / advice.saving - 1) < 0.01)
  assert.ok(Math.abs(measured.fees / advice.fee - 1) < 1e-9)

  await usage.storage.changeRules('default', BUCKET, { rules: applied.before! }, by)
  const [ended] = (await usage.storage.costs(admin, 'all')).applied
  assert.ok(ended && ended.endedAt !== null)
  await count(400)
  assert.equal(
    (await usage.storage.costs(admin, 'all')).applied[0]?.saved,
    ended.saved,
    'what ended is not measured on',
  )
})
