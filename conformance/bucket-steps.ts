import assert from 'node:assert/strict'
import type { Api } from './api.ts'
import { upload } from './client-steps.ts'
import { poll } from './poll.ts'

interface Detail {
  readonly state: string
  readonly region: string | null
  readonly jobId: string | null
  readonly steps: readonly { readonly step: string; readonly outcome: string; readonly reason: string | null }[]
  readonly settings: readonly { readonly aim: string; readonly state: string; readonly reason: string | null }[]
  readonly contents: { readonly objects: number; readonly bytes: number; readonly oldVersions: number } | null
}

const WITHIN_MS = 60_000

const detail = async (api: Api, name: string): Promise<Detail> => {
  const answer = await api.get(`/buckets/default/${name}`)
  assert.equal(answer.status, 200, answer.text)
  return answer.json<Detail>()
}

async function jobDone(api: Api, id: string): Promise<void> {
  const state = await poll(`job ${id} ended`, WITHIN_MS, async () => {
    const job = (await api.get(`/jobs/${id}`)).json<{ state: string }>()
    return job.state !== 'queued' && job.state !== 'running' && job.state
  })
  assert.equal(state, 'done')
}

/**
 * The life of a bucket of an administrator's, the same on every store: created, used, counted, kept while it is not empty, and
 * deleted with all its versions.
 * @returns the state of each aim once it was ready
 */
export async function livesAndDies(api: Api, name: string): Promise<ReadonlyMap<string, string>> {
  const created = await api.post('/buckets', { name, mode: 'create', retentionDays: 3 })
  assert.equal(created.status, 201, created.text)
  const ready = await poll(`${name} is ready`, WITHIN_MS, async () => {
    const bucket = await detail(api, name)
    return bucket.state === 'ready' && bucket
  })
  for (const { outcome, reason } of ready.steps) assert.ok(outcome === 'applied' || reason !== null)
  assert.equal((await api.post('/buckets', { name, mode: 'create' })).status, 409)
  assert.equal((await api.post('/buckets', { name, mode: 'register' })).status, 200)

  const permission = { principal: { kind: 'everyone' }, bucket: name, prefix: '', actions: ['read', 'write', 'list'] }
  assert.equal((await api.post('/permissions', permission)).status, 201)
  for (const text of ['one', 'three']) await upload(api, name, 'a/b.txt', text)
  const counting = await api.post(`/buckets/default/${name}/count`, {})
  assert.equal(counting.status, 202, counting.text)
  await jobDone(api, counting.json<{ id: string }>().id)
  const { contents } = await detail(api, name)
  assert.deepEqual([contents?.objects, contents?.bytes, contents?.oldVersions], [1, 5, 1])

  const path = `/buckets/default/${name}`
  assert.equal((await api.delete(`${path}?confirm=another`)).status, 400)
  const full = await api.delete(`${path}?confirm=${name}`)
  assert.equal(full.status, 409, full.text)
  const deletion = await api.delete(`${path}?confirm=${name}&contents=true`)
  assert.equal(deletion.status, 200, deletion.text)
  await jobDone(api, deletion.json<{ jobId: string }>().jobId)
  assert.equal((await api.get(path)).status, 404)
  return new Map(ready.settings.map(({ aim, state }) => [aim, state]))
}
