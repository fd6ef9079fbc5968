import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Api, auditEvents, signInAsAdmin } from './api.ts'
import { livesAndDies } from './bucket-steps.ts'
import { home } from './client-steps.ts'
import { startSystem, type System } from './system.ts'

describe('buckets of administrators, through the API', () => {
  let system: System
  let api: Api

  before(async () => {
    system = await startSystem()
    api = await signInAsAdmin(system)
  })
  after(async () => {
    await system?.[Symbol.asyncDispose]()
  })

  test('a bucket is created, used, counted and deleted with everything in it, and the log tells of it', async () => {
    const aims = await livesAndDies(api, 'project-files')
    for (const [aim, state] of aims) assert.equal(state, aim === 'tls-only' ? 'unsupported' : 'met', aim)
    const events = (await auditEvents(api, '/audit/logs'))
      .filter((event) => event.bucket === 'project-files')
      .map((event) => event.action)
    for (const action of ['bucket.create', 'permission.create', 'object.put', 'bucket.delete', 'permission.delete']) {
      assert.ok(events.includes(action), action)
    }
  })

  test('kill -9 while a bucket is being deleted: it goes on after the start', async () => {
    const name = 'killed-files'
    assert.equal((await api.post('/buckets', { name, mode: 'create' })).status, 201)
    const deletion = async () => await api.delete(`/buckets/default/${name}?confirm=${name}&contents=true`)
    for (let tries = 0; (await deletion()).status !== 200; tries++) {
      assert.ok(tries < 600)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await system.kill9()
    await system.restart()
    api = await signInAsAdmin(system)
    for (let tries = 0; (await api.get(`/buckets/default/${name}`)).status !== 404; tries++) {
      assert.ok(tries < 600)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })

  test('hostile values are refused with their place, and homes cannot be deleted as buckets', async () => {
    const { bucket } = await home(api)
    const refused: [string, number][] = [
      [`/buckets/default/${bucket}?confirm=${bucket}&contents=true`, 409],
      ['/buckets/default/skycrate-library?confirm=skycrate-library&contents=true', 409],
      ['/buckets/default/none-of-ours?confirm=none-of-ours', 404],
      ['/buckets/nowhere/none-of-ours?confirm=none-of-ours', 404],
      ['/buckets/De%20fault/none-of-ours?confirm=x', 400],
      [`/buckets/default/${bucket}?contents=yes`, 400],
    ]
    for (const [path, status] of refused) assert.equal((await api.delete(path)).status, status, path)
    for (const body of [
      { name: 'x', mode: 'create' },
      { name: '../etc', mode: 'register' },
      { name: 'valid-name', mode: 'steal' },
      { name: 'valid-name', mode: 'create', retentionDays: 0 },
      { name: 'valid-name', mode: 'create', region: "eu'; drop table buckets" },
      { name: 'valid-name', mode: 'create', store: '../x' },
      { name: 'valid-name', mode: 'register', unknown: 1 },
    ]) {
      assert.equal((await api.post('/buckets', body)).status, 400, JSON.stringify(body))
    }
    for (const query of ['cursor=x', 'limit=0', 'kind=none', 'state=none', 'store=%00', 'search=%00']) {
      assert.equal((await api.get(`/buckets?${query}`)).status, 400, query)
    }
    assert.equal((await api.get('/homes?cursor=x')).status, 400)
    assert.equal((await api.post('/buckets', { name: 'not-there-at-all', mode: 'register' })).status, 404)
    assert.equal(
      (await api.get(`/buckets?search=${encodeURIComponent("%_'")}`)).json<{ buckets: unknown[] }>().buckets.length,
      0,
    )
  })
})
