import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { testDatabase, type TestDatabase } from '../../src/db/test-database.ts'
import { openStores, type Stores } from '../../src/stores/stores.ts'
import { KEYS, quiet } from '../homes/test-homes.ts'
import { HERE, startTwoRegions, THERE, type TwoRegions } from './two-regions.ts'

suite('a store with buckets in two regions', () => {
  let s3: TwoRegions
  let database: TestDatabase

  before(async () => {
    s3 = await startTwoRegions()
    database = await testDatabase()
    for (const region of [HERE, THERE] as const) {
      const { client } = s3.regions[region]
      await client.send(new CreateBucketCommand({ Bucket: `bucket-${region}` }))
      await client.send(new PutObjectCommand({ Bucket: `bucket-${region}`, Key: 'where', Body: region }))
    }
  })
  after(async () => {
    await database[Symbol.asyncDispose]()
    await s3[Symbol.asyncDispose]()
  })

  const open = (): Promise<Stores> => {
    const target = { kind: 's3', endpoint: s3.url, publicEndpoint: s3.url, region: HERE, addressing: 'path' } as const
    return openStores({ ...target, credentials: KEYS }, { database, logger: quiet(), now: Date.now })
  }
  const download = async (stores: Stores, bucket: string): Promise<string> => {
    const { presigner } = await stores.signerOf(DEFAULT_STORE).signingFor(bucket)
    const { url } = presigner.presign({ method: 'GET', bucket, key: 'where', expiresIn: 60, now: Date.now() })
    return (await fetch(url)).text()
  }

  test('a bucket elsewhere is found there, and asked for there from then on', async () => {
    await using stores = await open()
    const store = stores.storeOf(DEFAULT_STORE)
    assert.deepEqual(await store.findBucket(`bucket-${HERE}`), { presence: 'owned', region: HERE })
    assert.equal(s3.misdirected.length, 0)
    assert.deepEqual(await store.findBucket(`bucket-${THERE}`), { presence: 'owned', region: THERE })
    assert.equal(s3.misdirected.length, 1)
    const listed = await store.listObjects({ bucket: `bucket-${THERE}`, prefix: '', limit: 10 })
    assert.ok(listed.ok && listed.value.objects.length === 1)
    assert.equal((await store.applySetting(`bucket-${THERE}`, { kind: 'versioning' })).outcome, 'applied')
    assert.equal(s3.misdirected.length, 1)
    for (const region of [HERE, THERE]) assert.equal(await download(stores, `bucket-${region}`), region)
    assert.equal(s3.misdirected.length, 1)
  })

  test('whatever is asked first of a bucket elsewhere comes to its end', async () => {
    const bucket = `bucket-${THERE}`
    const first: ((stores: Stores) => Promise<unknown>)[] = [
      (stores) => stores.storeOf(DEFAULT_STORE).applySetting(bucket, { kind: 'encryption', with: 'AES256' }),
      (stores) => stores.storeOf(DEFAULT_STORE).applySetting(bucket, { kind: 'public-access-block' }),
      (stores) => stores.storeOf(DEFAULT_STORE).readTags(bucket),
      (stores) => stores.storeOf(DEFAULT_STORE).isEmpty(bucket),
      (stores) => stores.storeOf(DEFAULT_STORE).deleteObject(bucket, 'none'),
      (stores) => stores.storeOf(DEFAULT_STORE).deletePrefixCompletely(bucket, 'none/'),
    ]
    const results: unknown[] = []
    for (const ask of first) {
      await using stores = await open()
      results.push(await ask(stores))
    }
    const applied = { outcome: 'applied', reason: null }
    assert.deepEqual(results, [applied, applied, {}, false, { ok: true, value: undefined }, undefined])
  })

  test('after a move to another store, the regions of the store before are forgotten', async () => {
    const bucket = `bucket-${HERE}`
    await database.query(`update stores set kind = 'aws', endpoint = 'https://s3.amazonaws.com', region = 'us-west-1'`)
    await database.query(
      `insert into buckets (store, name, kind, region, state, adopted)
       values ('default', $1, 'registered', 'us-west-1', 'ready', true) on conflict (store, name) do update set region = 'us-west-1'`,
      [bucket],
    )
    await using stores = await open()
    assert.equal(await download(stores, bucket), HERE)
    const { misdirected } = s3
    const before = misdirected.length
    assert.deepEqual(await stores.storeOf(DEFAULT_STORE).findBucket(bucket), { presence: 'owned', region: HERE })
    assert.equal(misdirected.length, before)
  })

  test('a bucket is created in the region that is named', async () => {
    await using stores = await open()
    await stores.storeOf(DEFAULT_STORE).createBucket('new-there', THERE)
    assert.ok((await s3.regions[THERE].buckets()).includes('new-there'))
    assert.deepEqual(await stores.storeOf(DEFAULT_STORE).findBucket('new-there'), { presence: 'owned', region: THERE })
  })

  test('what one process has learned of a recorded bucket is heard by the others, and kept', async () => {
    await database.query(`insert into buckets (name, kind, state, adopted) values ($1, 'registered', 'ready', true)`, [
      `bucket-${THERE}`,
    ])
    await using other = await open()
    await using learning = await open()
    const signedFor = async (stores: Stores): Promise<string | undefined> => {
      const { presigner } = await stores.signerOf(DEFAULT_STORE).signingFor(`bucket-${THERE}`)
      const { url } = presigner.presign({ method: 'GET', bucket: 'b', key: 'k', expiresIn: 60, now: 0 })
      return new URL(url).searchParams.get('X-Amz-Credential')?.split('/')[2]
    }
    assert.equal(await signedFor(other), HERE)
    await learning.storeOf(DEFAULT_STORE).findBucket(`bucket-${THERE}`)
    for (let i = 0; i < 500 && (await signedFor(other)) === HERE; i++) await sleep(10)
    assert.equal(await signedFor(other), THERE)
    await using later = await open()
    assert.equal(await signedFor(later), THERE)
  })
})
