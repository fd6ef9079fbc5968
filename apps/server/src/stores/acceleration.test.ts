import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { pino } from 'pino'
import { checkAcceleration } from '../buckets/check-acceleration.ts'
import { testDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { openBucketRegions } from './bucket-regions.ts'
import { browserOrigins } from './s3/browser-origins.ts'
import { createPresignerSource } from './s3/presigner-source.ts'

const logger = pino({ level: 'silent' })

async function until(ask: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !ask(); await sleep(20))
    assert.ok(performance.now() < end, 'not in time')
}

test('URLs of a bucket lead to Transfer Acceleration from the moment that it says so, signed for its region', async () => {
  await using database = await testDatabase()
  await database.query(
    `update stores set kind = 'aws', endpoint = 'https://s3.eu-central-1.amazonaws.com', region = 'eu-central-1'`,
  )
  await database.query(
    `insert into buckets (store, name, kind, region, state, adopted)
     values ('default', 'near', 'registered', 'eu-central-1', 'ready', true), ('default', 'far', 'registered', 'us-west-2', 'ready', true)`,
  )
  await using regions = await openBucketRegions(database, logger)
  const target = {
    kind: 'aws',
    publicEndpoint: 'https://s3.eu-central-1.amazonaws.com',
    region: 'eu-central-1',
    addressing: 'virtual',
  } as const
  const signer = createPresignerSource({
    endpoint: target.publicEndpoint,
    region: target.region,
    addressing: target.addressing,
    regionOf: (bucket) => regions.regionOf(DEFAULT_STORE, bucket),
    isAccelerated: (bucket) => regions.isAccelerated(DEFAULT_STORE, bucket),
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    now: Date.now,
  })
  const put = async (bucket: string): Promise<URL> => {
    const { presigner } = await signer.signingFor(bucket)
    return new URL(presigner.presign({ method: 'PUT', bucket, key: 'a.txt', expiresIn: 60, now: Date.now() }).url)
  }
  const hosts = async (): Promise<string[]> => [(await put('near')).host, (await put('far')).host]
  assert.deepEqual(await hosts(), ['near.s3.eu-central-1.amazonaws.com', 'far.s3.us-west-2.amazonaws.com'])
  await database.query(`update buckets set accelerated = true`)
  await until(() => ['near', 'far'].every((bucket) => regions.isAccelerated(DEFAULT_STORE, bucket)))
  assert.deepEqual(await hosts(), ['near.s3-accelerate.amazonaws.com', 'far.s3-accelerate.amazonaws.com'])
  assert.match((await put('far')).searchParams.get('X-Amz-Credential') ?? '', /\/us-west-2\/s3\//)
  assert.match((await put('near')).searchParams.get('X-Amz-Credential') ?? '', /\/eu-central-1\/s3\//)
  const form = (await signer.signingFor('far')).postForm({
    bucket: 'far',
    key: 'a.txt',
    contentLength: { min: 0, max: 10 },
    expiresIn: 60,
    now: Date.now(),
  })
  assert.equal(new URL(form.url).host, 'far.s3-accelerate.amazonaws.com')
  assert.ok(browserOrigins(target, []).includes('https://*.s3-accelerate.amazonaws.com'))
  await database.query(`update buckets set accelerated = false`)
  await until(() => ['near', 'far'].every((bucket) => !regions.isAccelerated(DEFAULT_STORE, bucket)))
  assert.deepEqual(await hosts(), ['near.s3.eu-central-1.amazonaws.com', 'far.s3.us-west-2.amazonaws.com'])
})

test('acceleration is refused for other stores and for names with dots', () => {
  const refused = (bucket: string, accelerates: boolean, text: RegExp): void =>
    assert.throws(
      () => checkAcceleration(bucket, accelerates),
      (error) => error instanceof AppError && text.test(JSON.stringify(error.errors)),
    )
  refused('team-files', false, /Amazon S3 alone/)
  refused('team.files', true, /dots/)
  checkAcceleration('team-files', true)
})
