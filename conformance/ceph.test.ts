import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Api, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { livesAndDies } from './bucket-steps.ts'
import { download, home, list, remove, upload, use, vend } from './client-steps.ts'
import { CEPH_PACKAGES, type Ceph, cephInstalled, type S3User, startCeph } from './engines/ceph-rgw.ts'
import { HOSTILE_KEYS } from './hostile-keys.ts'
import { type Answer, request } from './http.ts'
import { poll } from './poll.ts'
import { signedHeaders } from './sigv4.ts'
import { startStoreGate } from './store-gate.ts'
import { startSystem, type System } from './system.ts'

const skip = cephInstalled() ? false : `a real Ceph gateway: apt-get install ${CEPH_PACKAGES.join(' ')}`

describe('against a real Ceph RADOS Gateway', { skip }, () => {
  let ceph: Ceph
  let system: System
  let api: Api

  const settings = (endpoint = ceph.url): Record<string, string> => ({
    S3_ENDPOINT: endpoint,
    S3_REGION: ceph.region,
    S3_ACCESS_KEY_ID: ceph.owner.accessKeyId,
    S3_SECRET_ACCESS_KEY: ceph.owner.secretAccessKey,
    SKYCRATE_STRICT_PROVISIONING: 'false',
  })
  const s3 = (user: S3User, method: string, path: string, query: Record<string, string> = {}): Promise<Answer> => {
    const signed = { method, origin: ceph.url, path, query, keys: user, region: ceph.region, at: new Date() }
    const text = Object.entries(query).map(([name, value]) => `${name}=${value}`)
    return request(`${ceph.url}${path}${text.length > 0 ? `?${text.join('&')}` : ''}`, {
      method,
      headers: signedHeaders(signed),
    })
  }
  const bucketsOf = async (user: S3User): Promise<string[]> =>
    [...(await s3(user, 'GET', '/')).text.matchAll(/<Name>([^<]+)<\/Name>/g)].map(([, name]) => name ?? '')

  before(async () => {
    ceph = await startCeph()
    system = await startSystem({ env: settings() })
    api = await signInAsAdmin(system)
  })
  after(async () => {
    await system?.[Symbol.asyncDispose]()
    await ceph?.[Symbol.asyncDispose]()
  })

  test('a home is made once, and says what this store did and could not do', async () => {
    const homes = await Promise.all(Array.from({ length: 20 }, () => home(api)))
    const [{ bucket, steps }] = homes as [(typeof homes)[0]]
    assert.equal(new Set(homes.map((each) => each.bucket)).size, 1)
    assert.deepEqual(await bucketsOf(ceph.owner), [bucket])
    const outcome = Object.fromEntries(steps.map((step) => [step.step, step.outcome]))
    // Of the four blocks this store takes one for "refuse every upload": that one has to stay off.
    for (const step of ['public-access-block', 'encryption', 'ownership-controls']) {
      assert.equal(outcome[step], 'unsupported', step)
    }
    for (const step of ['versioning', 'cors', 'lifecycle', 'tags']) assert.equal(outcome[step], 'applied', step)
    assert.ok(
      steps.every((step) => step.outcome === 'applied' || step.reason),
      'what is not applied has a reason',
    )

    // Told by the store itself, not by SkyCrate.
    assert.match((await s3(ceph.owner, 'GET', `/${bucket}`, { versioning: '' })).text, /<Status>Enabled<\/Status>/)
    const block = (await s3(ceph.owner, 'GET', `/${bucket}`, { publicAccessBlock: '' })).text
    for (const name of ['IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']) {
      assert.match(block, new RegExp(`<${name}>true<`, 'i'))
    }
    assert.match((await s3(ceph.owner, 'GET', `/${bucket}`, { lifecycle: '' })).text, /<DaysAfterInitiation>/)
  })

  test('upload, listing, download and deletion go straight to Ceph, and the audit log tells of them', async () => {
    const { bucket } = await home(api)
    const key = 'reports/été 2026.txt'
    const vended = await vend(api, { bucket, key, operation: 'put', contentType: 'text/plain', contentLength: 5 })
    assert.ok(vended.url.startsWith(`${ceph.url}/`))
    assert.equal((await use(vended, '123456', { 'content-length': '6' })).status, 403)
    assert.equal((await use(vended, 'hello')).status, 200)
    assert.deepEqual((await list(api, bucket, { delimiter: '/' })).prefixes, ['reports/'])
    assert.deepEqual(
      (await list(api, bucket, { prefix: 'reports/' })).objects.map((each) => [each.key, each.size]),
      [[key, 5]],
    )
    const get = await vend(api, { bucket, key, operation: 'get' })
    assert.equal((await use(get)).text, 'hello')
    assert.equal((await use(get, undefined, { range: 'bytes=1-2' })).text, 'el')
    assert.equal((await use(await vend(api, { bucket, key, operation: 'head' }))).headers['content-length'], '5')
    assert.equal((await remove(api, bucket, key)).status, 204)
    assert.equal((await use(get)).status, 404)
    const actions = (await auditEvents(api, '/audit/my-activity')).map((event) => [event.action, event.outcome])
    assert.deepEqual(actions.slice(0, 6), [
      ['object.delete', 'allow'],
      ['object.head', 'allow'],
      ['object.get', 'allow'],
      ['object.list', 'allow'],
      ['object.list', 'allow'],
      ['object.put', 'allow'],
    ])
  })

  test('without a role there are no temporary credentials, which is said so, and presigned URLs work', async () => {
    const { bucket } = await home(api)
    const answer = await api.post('/credentials', { bucket })
    assert.deepEqual([answer.status, answer.json<Problem>().code], [501, 'credentials-unsupported'])
    await upload(api, bucket, 'without a role.txt', 'by URL')
    assert.equal((await download(api, bucket, 'without a role.txt')).toString(), 'by URL')
    await remove(api, bucket, 'without a role.txt')
  })

  test('an upload is confirmed by what Ceph has, with a checksum if it keeps them', async () => {
    const { bucket } = await home(api)
    const [key, content] = ['confirmed.txt', 'it has arrived']
    const checksumSha256 = hash('sha256', content, 'base64')
    const vended = await vend(api, { bucket, key, operation: 'put', checksumSha256 })
    assert.equal((await use(vended, content)).status, 200)
    const confirm = (said: object): Promise<Answer> =>
      api.post('/s3/confirm-upload', { bucket, key, size: content.length, ...said })
    assert.equal((await confirm({})).status, 200)
    assert.equal((await confirm({ size: 1 })).status, 412)
    // Not every release keeps them.
    assert.ok([200, 412].includes((await confirm({ checksumSha256 })).status))
    await remove(api, bucket, key)
  })

  test('tags of an object are set, read and taken away on Ceph, beside what its uploader said of it', async () => {
    const { bucket } = await home(api)
    await upload(api, bucket, 'tagged.txt', 'x', 'text/plain')
    const path = `${bucket}/tagged.txt`
    const tags = [{ key: 'project', value: 'apollo 11' }]
    for (const wanted of [tags, []]) {
      const set = await api.put(`/s3/tags/${path}`, { tags: wanted })
      assert.equal(set.status, 200, set.text)
      const told = (await api.get(`/s3/metadata/${path}`)).json<{ headers: unknown; tags: unknown }>()
      assert.deepEqual(told.tags, wanted)
      assert.deepEqual(told.headers, [{ name: 'content-type', value: 'text/plain' }])
    }
    assert.equal((await remove(api, bucket, 'tagged.txt')).status, 204)
    assert.equal((await api.get(`/s3/metadata/${path}`)).status, 404)
  })

  test('legal keys that clients and routers like to bend come back from Ceph as they were', async () => {
    const { bucket } = await home(api)
    for (const key of HOSTILE_KEYS) await upload(api, bucket, key, `the bytes of ${key}`)
    const listed: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(api, bucket, { limit: '9', ...(cursor === '' ? {} : { cursor }) })
      listed.push(...page.objects.map((object) => object.key))
      cursor = page.nextCursor
    }
    assert.deepEqual(
      listed,
      HOSTILE_KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    for (const key of HOSTILE_KEYS) {
      assert.equal((await download(api, bucket, key)).toString(), `the bytes of ${key}`)
      assert.equal((await remove(api, bucket, key)).status, 204)
    }
  })

  test('objects are copied, moved, deleted and restored on Ceph, versions are listed, and nothing is replaced', async () => {
    const { bucket } = await home(api)
    const job = async (path: string, body: object): Promise<{ state: string; about?: Record<string, unknown> }> => {
      const answer = await api.post(path, body)
      assert.equal(answer.status, 202, answer.text)
      const { id } = answer.json<{ id: string }>()
      return poll('the job ended', 60_000, async () => {
        const found = (await api.get(`/jobs/${id}`)).json<{ state: string }>()
        return found.state !== 'queued' && found.state !== 'running' && found
      })
    }
    const keys = async (prefix: string): Promise<string[]> =>
      (await list(api, bucket, { prefix })).objects.map(({ key }) => key)
    const versions = async (key: string): Promise<{ versionId: string; isDeleteMarker: boolean }[]> =>
      (await api.get(`/s3/versions/${bucket}/${key}`)).json<{ versions: [] }>().versions
    assert.equal((await api.post('/s3/folder', { bucket, key: 'ops/from/' })).status, 201)
    assert.equal((await api.post('/s3/folder', { bucket, key: 'ops/from/' })).status, 409)
    const odd = HOSTILE_KEYS.filter((key) => Buffer.byteLength(key) < 900).map((key) => `ops/from/${key}`)
    for (const key of odd) await upload(api, bucket, key, `the bytes of ${key}`)

    const from = { bucket, prefix: 'ops/from/' }
    assert.equal((await job('/s3/move', { from, to: { bucket, prefix: 'ops/to/' } })).state, 'done')
    assert.deepEqual(await keys('ops/from/'), [])
    for (const key of odd) {
      const moved = key.replace('ops/from/', 'ops/to/')
      assert.equal((await download(api, bucket, moved)).toString(), `the bytes of ${key}`)
    }
    await upload(api, bucket, 'ops/a.txt', 'one')
    await upload(api, bucket, 'ops/b.txt', 'two')
    const onto = { from: { bucket, key: 'ops/a.txt' }, to: { bucket, key: 'ops/b.txt' } }
    assert.equal((await api.post('/s3/copy', onto)).status, 412)
    assert.equal((await job('/s3/copy', { ...onto, onConflict: 'skip' })).about?.['skipped'], 1)
    assert.equal((await download(api, bucket, 'ops/b.txt')).toString(), 'two')
    assert.equal((await job('/s3/copy', { ...onto, onConflict: 'replace' })).state, 'done')
    const [, before] = await versions('ops/b.txt')
    const restored = await api.post('/s3/restore', { bucket, key: 'ops/b.txt', versionId: before?.versionId })
    assert.equal(restored.status, 200, restored.text)
    assert.equal((await download(api, bucket, 'ops/b.txt')).toString(), 'two')
    assert.equal((await versions('ops/b.txt')).length, 3)

    const there = await keys('ops/')
    const gone = await api.post('/s3/delete', { bucket, prefixes: ['ops/'] })
    assert.equal(gone.status, 200, gone.text)
    assert.deepEqual(await keys('ops/'), [])
    const { deletedSince } = gone.json<{ deletedSince: string }>()
    assert.equal((await job('/s3/restore-deleted', { bucket, prefixes: ['ops/'], deletedSince })).state, 'done')
    assert.deepEqual(
      (await keys('ops/')).filter((key) => !key.startsWith('ops/from/')),
      there,
    )
    await api.post('/s3/delete', { bucket, prefixes: ['ops/'] })
  })

  test('what lies on Ceph is counted and billed; its class is known, and the rules that it can run are applied and undone', async () => {
    const { bucket } = await home(api)
    await upload(api, bucket, 'counted/a', 'x'.repeat(2000))
    await upload(api, bucket, 'counted/a', 'x'.repeat(3000))
    const { id } = (await api.post('/storage/inventories', { bucket })).json<{ id: string }>()
    await poll('the bucket is counted', 60_000, async () => {
      const { state } = (await api.get(`/jobs/${id}`)).json<{ state: string }>()
      assert.notEqual(state, 'failed')
      return state === 'done'
    })
    const { rows } = (await api.get(`/storage/usage?scope=all&by=prefix&bucket=${bucket}`)).json<{
      rows: { prefix: string; objects: number; bytes: number; oldVersions: number; oldBytes: number }[]
    }>()
    const counted = rows.find(({ prefix }) => prefix === 'counted/')
    assert.deepEqual(
      [counted?.objects, counted?.bytes, counted?.oldVersions, counted?.oldBytes],
      [1, 3000, 1, 2000],
      JSON.stringify(rows),
    )
    const stats = (await api.get('/storage/stats?scope=all')).json<{ byClass: { storageClass: string }[] }>()
    assert.deepEqual(
      stats.byClass.map(({ storageClass }) => storageClass),
      ['STANDARD'],
    )
    const costs = (await api.get('/storage/cost-analysis?scope=all')).json<{
      month: { charges: { storage: number }; oldVersions: number }
      forecast: unknown[]
    }>()
    assert.ok(costs.month.charges.storage > 0 && costs.month.oldVersions > 0)
    assert.equal(costs.forecast.length, 12)
    const { classes } = (await api.get('/storage/classes')).json<{ classes: { name: string }[] }>()
    assert.deepEqual(
      classes.map(({ name }) => name),
      ['STANDARD'],
    )
    const refused = await api.post('/storage/classes', { bucket, prefix: 'counted/', storageClass: 'GLACIER' })
    assert.equal(refused.status, 400, refused.text)
    assert.match(refused.text, /is not a class of this store, which has STANDARD/)

    const path = `/storage/rules/default/${bucket}`
    const before_ = (await api.get(path)).json<{ rules: unknown[]; others: number; version: string }>()
    const rules = [
      { prefix: 'counted/', minBytes: 0, state: 'noncurrent', afterDays: 9, toClass: null },
      { prefix: 'counted/', minBytes: 0, state: 'upload', afterDays: 3, toClass: null },
    ]
    const applied = await api.put(path, { rules })
    assert.equal(applied.status, 200, applied.text)
    const lifecycle = (await s3(ceph.owner, 'GET', `/${bucket}`, { lifecycle: '' })).text
    assert.match(lifecycle, /<NoncurrentDays>9<\/NoncurrentDays>/)
    assert.match(lifecycle, /<DaysAfterInitiation>3<\/DaysAfterInitiation>/)
    const undone = await api.put(path, { rules: applied.json<{ before: object[] }>().before })
    assert.equal(undone.status, 200, undone.text)
    const after_ = undone.json<{ rules: unknown[]; others: number }>()
    assert.deepEqual([after_.rules, after_.others], [before_.rules, before_.others])
  })

  test('a bucket of an administrator lives and dies on Ceph, and its aims say what this store cannot do', async () => {
    const aims = await livesAndDies(api, 'ceph-project-files')
    assert.deepEqual(Object.fromEntries(aims), {
      'no-public-access': 'unsupported',
      encrypted: 'unsupported',
      'owner-only': 'unsupported',
      versioned: 'met',
      cors: 'met',
      lifecycle: 'met',
      tagged: 'met',
      'tls-only': 'unsupported',
    })
    assert.ok(!(await bucketsOf(ceph.owner)).includes('ceph-project-files'))
  })

  test('strict provisioning refuses this store, says so, and leaves no bucket behind', async () => {
    const before_ = await bucketsOf(ceph.owner)
    await using strict = await startSystem({ env: { ...settings(), SKYCRATE_STRICT_PROVISIONING: 'true' } })
    const me = await signInAsAdmin(strict)
    const answer = await me.get('/home')
    assert.equal(answer.status, 503, answer.text)
    assert.equal(answer.json<{ code: string }>().code, 'provisioning-failed')
    assert.deepEqual(await bucketsOf(ceph.owner), before_)
    const made = (await auditEvents(me, '/audit/my-activity')).filter((event) => event.action === 'home.create')
    assert.deepEqual(
      made.map((event) => event.outcome),
      ['error'],
    )
  })

  test('a chosen name that a stranger has taken leads to another one, and to no orphan', async () => {
    const stranger = await ceph.addUser('stranger')
    // Between the choice of the name and the first request for it at the store, the stranger makes that bucket.
    const taken: string[] = []
    await using gate = await startStoreGate(ceph.url, async ({ path }) => {
      const [, bucket = ''] = /^\/(skycrate-[a-z0-9-]+)/.exec(path) ?? []
      if (bucket === '' || taken.length > 0) return
      taken.push(bucket)
      assert.equal((await s3(stranger, 'PUT', `/${bucket}`)).status, 200)
    })
    await using busy = await startSystem({ env: { ...settings(gate.url), S3_PUBLIC_ENDPOINT: ceph.url } })
    const before_ = await bucketsOf(ceph.owner)
    const me = await signInAsAdmin(busy)
    const { bucket } = await home(me)
    assert.deepEqual(await bucketsOf(stranger), taken)
    assert.notEqual(bucket, taken[0])
    assert.deepEqual((await bucketsOf(ceph.owner)).toSorted(), [...before_, bucket].toSorted())
    await upload(me, bucket, 'x.txt', 'mine')
    assert.equal((await s3(stranger, 'GET', `/${bucket}/x.txt`)).status, 403)
  })
})
