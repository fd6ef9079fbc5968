import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { download, home, list, upload } from './client-steps.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'

interface Job {
  readonly id: string
  readonly kind: string
  readonly state: string
  readonly progress: { readonly done: number; readonly total: number | null }
  readonly problem?: { readonly code: string }
  readonly about?: { readonly names: readonly string[]; readonly deletedSince?: string }
}

let issuer: PlainIssuer
let system: System
let ada: Api
let bob: Api
let bucket: string
let bobs: string

before(async () => {
  issuer = await startPlainIssuer('/')
  const issuers = [{ issuer: issuer.issuer, audience: 'files' }]
  system = await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  ada = apiOf(system.url, issuer.token({ sub: 'ada', aud: 'files' }))
  bob = apiOf(system.url, issuer.token({ sub: 'bob', aud: 'files' }))
  bucket = (await home(ada)).bucket
  bobs = (await home(bob)).bucket
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const keys = async (prefix = ''): Promise<string[]> =>
  (await list(ada, bucket, { prefix })).objects.map(({ key }) => key)

async function ended(api: Api, id: string): Promise<Job> {
  return poll('the job ended', 60_000, async () => {
    const job = (await api.get(`/jobs/${id}`)).json<Job>()
    return job.state !== 'queued' && job.state !== 'running' && job
  })
}

async function start(path: string, body: object): Promise<Job> {
  const answer = await ada.post(path, body)
  assert.equal(answer.status, 202, answer.text)
  return ended(ada, answer.json<Job>().id)
}

test('a folder is created, filled, renamed, copied, deleted and brought back, each in a request', async () => {
  const made = await ada.post('/s3/folder', { bucket, key: 'reports/' })
  assert.deepEqual([made.status, made.json()], [201, { bucket, key: 'reports/' }])
  const again = await ada.post('/s3/folder', { bucket, key: 'reports/' })
  assert.deepEqual([again.status, again.json<Problem>().code], [409, 'conflict'])
  await upload(ada, bucket, 'reports/a.txt', 'one')

  const from = { bucket, prefix: 'reports/' }
  const moved = await start('/s3/move', { from, to: { bucket, prefix: 'papers/' } })
  assert.deepEqual([moved.kind, moved.state, moved.progress], ['objects.move', 'done', { done: 2, total: 2 }])
  assert.deepEqual(await keys(), ['papers/', 'papers/a.txt'])
  const copied = await start('/s3/copy', { from: { bucket, key: 'papers/a.txt' }, to: { bucket, key: 'b.txt' } })
  assert.equal(copied.state, 'done')
  assert.equal((await download(ada, bucket, 'b.txt')).toString(), 'one')
  const taken = await ada.post('/s3/copy', { from: { bucket, key: 'papers/a.txt' }, to: { bucket, key: 'b.txt' } })
  assert.deepEqual([taken.status, taken.json<Problem>().code], [412, 'precondition-failed'])

  const counted = await ada.post('/s3/delete', { bucket, keys: ['b.txt'], prefixes: ['papers/'], countOnly: true })
  assert.deepEqual(counted.json(), { objects: 3, bytes: 3, more: false, deletedSince: null, job: null })
  const gone = await ada.post('/s3/delete', { bucket, keys: ['b.txt'], prefixes: ['papers/'] })
  assert.equal(gone.status, 200, gone.text)
  assert.deepEqual(await keys(), [])
  const { deletedSince } = gone.json<{ deletedSince: string }>()
  const back = await start('/s3/restore-deleted', { bucket, keys: ['b.txt'], prefixes: ['papers/'], deletedSince })
  assert.equal(back.state, 'done')
  assert.deepEqual(await keys(), ['b.txt', 'papers/', 'papers/a.txt'])

  const actions = new Set((await auditEvents(ada, '/audit/my-activity')).map(({ action }) => action))
  for (const action of [
    'object.create-folder',
    'object.move',
    'object.copy',
    'object.delete',
    'object.restore',
    'job.create',
  ]) {
    assert.ok(actions.has(action), action)
  }
})

test("nobody takes from or puts into another's place, nor sees their jobs", async () => {
  await upload(ada, bucket, 'mine.txt', 'mine')
  for (const [path, body] of [
    ['/s3/copy', { from: { bucket, key: 'mine.txt' }, to: { bucket: bobs, key: 'x' } }],
    ['/s3/move', { from: { bucket, prefix: '' }, to: { bucket: bobs, prefix: 'x/' } }],
    ['/s3/copy', { from: { bucket: bobs, prefix: '' }, to: { bucket, prefix: 'x/' } }],
    ['/s3/delete', { bucket, keys: ['mine.txt'] }],
    ['/s3/delete', { bucket, prefixes: ['papers/'], countOnly: true }],
    ['/s3/restore-deleted', { bucket, keys: ['mine.txt'] }],
    ['/s3/folder', { bucket, key: 'x/' }],
  ] as const) {
    const answer = await bob.post(path, body)
    assert.deepEqual([answer.status, answer.json<Problem>().code], [403, 'forbidden'], path)
  }
  const { id } = (
    await ada.post('/s3/copy', { from: { bucket, key: 'mine.txt' }, to: { bucket, key: 'c.txt' } })
  ).json<Job>()
  assert.equal((await bob.get(`/jobs/${id}`)).status, 404)
  assert.equal((await bob.delete(`/jobs/${id}`)).status, 404)
  await ended(ada, id)
})

test(
  'a deletion of thousands is a job that goes on after kill -9 of the whole system',
  { timeout: 240_000 },
  async () => {
    const from = { bucket, key: 'mine.txt' }
    // Doubles a folder, so that there are many without as many uploads.
    await start('/s3/copy', { from, to: { bucket, key: 'many/0/x' } })
    for (let i = 0; i < 11; i++) {
      const job = await start('/s3/copy', { from: { bucket, prefix: 'many/' }, to: { bucket, prefix: `more${i}/` } })
      assert.equal(job.state, 'done')
      await start('/s3/move', {
        from: { bucket, prefix: `more${i}/` },
        to: { bucket, prefix: `many/${i + 1}/` },
      }).catch(() => undefined)
    }
    const count = async (): Promise<number> =>
      (await ada.post('/s3/delete', { bucket, prefixes: ['many/'], countOnly: true })).json<{ objects: number }>()
        .objects
    const before = await count()
    assert.ok(before > 1000, String(before))
    const { job } = (await ada.post('/s3/delete', { bucket, prefixes: ['many/'] })).json<{ job: Job }>()
    await system.kill9()
    await system.restart()
    assert.equal((await ended(ada, job.id)).state, 'done')
    assert.equal(await count(), 0)
    await signInAsAdmin(system)
  },
)
