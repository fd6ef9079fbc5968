import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { download, home, list, remove, upload, use, vend } from './client-steps.ts'
import { HOSTILE_KEYS } from './hostile-keys.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { poll } from './poll.ts'
import { uriEncode } from './sigv4.ts'
import { startSystem, type System } from './system.ts'

interface Version {
  readonly versionId: string
  readonly size: number
  readonly isLatest: boolean
  readonly isDeleteMarker: boolean
}

let issuer: PlainIssuer
let system: System
let admin: Api
let ada: Api
let bob: Api
let bobId: string
let bucket: string

before(async () => {
  issuer = await startPlainIssuer('/')
  const issuers = [{ issuer: issuer.issuer, audience: 'files' }]
  system = await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  admin = await signInAsAdmin(system)
  ada = apiOf(system.url, issuer.token({ sub: 'ada', aud: 'files' }))
  bob = apiOf(system.url, issuer.token({ sub: 'bob', aud: 'files' }))
  bucket = (await home(ada)).bucket
  bobId = (await bob.get('/auth/me')).json<{ id: string }>().id
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const pathOf = (key: string): string => `/s3/versions/${bucket}/${key.split('/').map(uriEncode).join('/')}`

async function versions(key: string, query = ''): Promise<Version[]> {
  const answer = await ada.get(pathOf(key) + query)
  assert.equal(answer.status, 200, answer.text)
  return answer.json<{ versions: Version[] }>().versions
}

async function restore(api: Api, key: string, versionId?: string) {
  return api.post('/s3/restore', { bucket, key, ...(versionId !== undefined && { versionId }) })
}

const give = async (prefix: string, actions: readonly string[]): Promise<void> => {
  const principal = { kind: 'user', userId: bobId }
  const answer = await admin.post('/permissions', { principal, bucket, prefix, actions })
  assert.equal(answer.status, 201, answer.text)
}

test('the versions of one key are listed newest first, in pages, and each can be downloaded', async () => {
  for (const text of ['one', 'two!', 'three']) await upload(ada, bucket, 'notes', text)
  await upload(ada, bucket, 'notes.txt', 'a neighbour')
  assert.equal((await remove(ada, bucket, 'notes')).status, 204)
  const all = await versions('notes')
  assert.deepEqual(
    all.map(({ size, isLatest, isDeleteMarker }) => [size, isLatest, isDeleteMarker]),
    [
      [0, true, true],
      [5, false, false],
      [4, false, false],
      [3, false, false],
    ],
  )
  const paged: string[] = []
  let cursor: string | null = ''
  for (let pages = 0; cursor !== null && pages < 10; pages++) {
    const answer = await ada.get(`${pathOf('notes')}?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`)
    const page: { versions: Version[]; nextCursor: string | null } = answer.json()
    paged.push(...page.versions.map(({ versionId }) => versionId))
    cursor = page.nextCursor
  }
  assert.deepEqual(
    paged,
    all.map(({ versionId }) => versionId),
  )
  const texts: string[] = []
  for (const { versionId, isDeleteMarker } of all) {
    if (!isDeleteMarker)
      texts.push((await use(await vend(ada, { bucket, key: 'notes', operation: 'get', versionId }))).text)
  }
  assert.deepEqual(texts, ['three', 'two!', 'one'])
  const wrong = await ada.post('/s3/presigned-url', { bucket, key: 'notes', operation: 'put', versionId: 'x' })
  assert.equal(wrong.json<Problem>().errors?.[0]?.path, '/versionId')
  const given = (await auditEvents(ada, '/audit/my-activity')).filter(({ action }) => action === 'object.get')
  assert.equal((given[0] as unknown as { detail: { versionId: string } }).detail.versionId, all[3]?.versionId)
})

test('a deleted object comes back with its bytes; a named version comes on top, and no version is lost', async () => {
  for (const text of ['first', 'second']) await upload(ada, bucket, 'plan.txt', text)
  for (let times = 0; times < 3; times++) await remove(ada, bucket, 'plan.txt')
  const back = await restore(ada, 'plan.txt')
  assert.equal(back.status, 200, back.text)
  assert.equal(back.json<{ size: number }>().size, 6)
  assert.equal((await download(ada, bucket, 'plan.txt')).toString(), 'second')
  assert.deepEqual(
    (await versions('plan.txt')).map(({ size }) => size),
    [6, 5],
  )
  // Nothing is deleted: nothing changes, however often it is asked for.
  assert.equal((await restore(ada, 'plan.txt')).status, 200)
  assert.equal((await versions('plan.txt')).length, 2)

  const [, first] = await versions('plan.txt')
  const older = await restore(ada, 'plan.txt', first?.versionId)
  assert.equal(older.status, 200, older.text)
  assert.equal((await download(ada, bucket, 'plan.txt')).toString(), 'first')
  assert.deepEqual(
    (await versions('plan.txt')).map(({ size }) => size),
    [5, 6, 5],
  )

  // A version of long ago, of a deleted object: the deletion stays in its history.
  await remove(ada, bucket, 'plan.txt')
  assert.equal((await restore(ada, 'plan.txt', first?.versionId)).status, 200)
  assert.equal((await download(ada, bucket, 'plan.txt')).toString(), 'first')
  assert.ok((await versions('plan.txt')).some(({ isDeleteMarker }) => isDeleteMarker))
})

test('what cannot be restored is told, and nothing changes', async () => {
  await upload(ada, bucket, 'there.txt', 'x')
  await remove(ada, bucket, 'there.txt')
  const [marker] = await versions('there.txt')
  for (const [key, versionId, status, code] of [
    ['never-was.txt', undefined, 404, 'not-found'],
    ['there.txt', 'no-such-version', 404, 'not-found'],
    ['there.txt', marker?.versionId, 400, 'invalid-request'],
    ['../x', undefined, 400, 'invalid-key'],
  ] as const) {
    const answer = await restore(ada, key, versionId)
    assert.equal(answer.status, status, `${key} ${versionId}: ${answer.text}`)
    assert.equal(answer.json<Problem>().code, code)
  }
  assert.equal((await versions('there.txt')).length, 2)
  assert.equal((await ada.get(`${pathOf('there.txt')}?cursor=%00`)).json<Problem>().code, 'invalid-cursor')
})

test('to list versions takes read, to restore takes write; each is decided and recorded', async () => {
  await upload(ada, bucket, 'shared/a.txt', 'one')
  await remove(ada, bucket, 'shared/a.txt')
  for (const answer of [await bob.get(pathOf('shared/a.txt')), await restore(bob, 'shared/a.txt')]) {
    assert.equal(answer.json<Problem>().code, 'forbidden')
  }
  await give('shared/', ['read', 'list'])
  assert.equal((await bob.get(pathOf('shared/a.txt'))).status, 200)
  assert.equal((await restore(bob, 'shared/a.txt')).status, 403)
  assert.equal((await bob.get(pathOf('plan.txt'))).status, 403)
  assert.equal((await list(ada, bucket, { prefix: 'shared/' })).objects.length, 0, 'still deleted')
  await give('shared/', ['write'])
  assert.equal((await restore(bob, 'shared/a.txt')).status, 200)
  const told = (await auditEvents(bob, '/audit/my-activity'))
    .filter(({ action }) => action === 'object.restore' || action === 'object.list-versions')
    .map(({ action, outcome, key }) => [action, outcome, key])
  assert.deepEqual(told[0], ['object.restore', 'allow', 'shared/a.txt'])
  for (const [action, outcome] of [
    ['object.list-versions', 'allow'],
    ['object.list-versions', 'deny'],
    ['object.restore', 'deny'],
  ]) {
    assert.ok(
      told.some((each) => each[0] === action && each[1] === outcome),
      `${action} ${outcome}`,
    )
  }
})

test('legal keys that clients and routers like to bend have their versions, and come back', async () => {
  for (const key of HOSTILE_KEYS) {
    await upload(ada, bucket, key, `the bytes of ${key}`)
    assert.equal((await remove(ada, bucket, key)).status, 204)
    assert.equal((await versions(key)).length, 2, key)
    const answer = await restore(ada, key)
    assert.equal(answer.status, 200, `${key}: ${answer.text}`)
    assert.equal((await download(ada, bucket, key)).toString(), `the bytes of ${key}`)
    const text = `again ${key}`
    await upload(ada, bucket, key, text)
    const [, before] = await versions(key)
    assert.equal((await restore(ada, key, before?.versionId)).status, 200, key)
    assert.equal((await download(ada, bucket, key)).toString(), `the bytes of ${key}`)
  }
})

test('the trash lists in pages what was deleted by whom, to those who may list', async () => {
  for (const key of ['bin/a', 'bin/b', 'bin/c', 'bin/d']) await upload(ada, bucket, key, `bytes of ${key}`)
  await give('bin/', ['list', 'delete'])
  assert.equal((await remove(ada, bucket, 'bin/a')).status, 204)
  assert.equal((await remove(bob, bucket, 'bin/c')).status, 204)
  assert.equal((await remove(ada, bucket, 'bin/d')).status, 204)
  await upload(ada, bucket, 'bin/d', 'there again')
  const moved = await ada.post('/s3/move', { from: { bucket, key: 'bin/b' }, to: { bucket, key: 'bin/moved' } })
  const { id } = moved.json<{ id: string }>()
  await poll(
    'the move ended',
    30_000,
    async () => (await ada.get(`/jobs/${id}`)).json<{ state: string }>().state === 'done',
  )

  interface Deleted {
    readonly key: string
    readonly size: number
    readonly deletedAt: string
    readonly deletedBy: { readonly id: string } | null
    readonly keptUntil: string
  }
  const found: Deleted[] = []
  let cursor: string | null = ''
  for (let pages = 0; cursor !== null && pages < 10; pages++) {
    const more = cursor === '' ? '' : `&cursor=${cursor}`
    const answer = await bob.get(`/s3/deletions/${bucket}?prefix=bin/&limit=1${more}`)
    assert.equal(answer.status, 200, answer.text)
    const page = answer.json<{ deletions: Deleted[]; nextCursor: string | null }>()
    assert.ok(page.deletions.length <= 1)
    found.push(...page.deletions)
    cursor = page.nextCursor
  }
  const adaId = (await ada.get('/auth/me')).json<{ id: string }>().id
  assert.deepEqual(
    found.map(({ key, size, deletedBy }) => [key, size, deletedBy?.id]),
    [
      ['bin/a', 14, adaId],
      ['bin/c', 14, bobId],
    ],
  )
  const [first] = found
  const days = (Date.parse(first?.keptUntil ?? '') - Date.parse(first?.deletedAt ?? '')) / 86_400_000
  assert.equal(days, 30)

  for (const [path, status] of [
    [`/s3/deletions/${bucket}`, 403],
    [`/s3/deletions/${bucket}?prefix=bi`, 403],
    [`/s3/deletions/${bucket}?prefix=bin/&cursor=nonsense`, 400],
    [`/s3/deletions/${bucket}?prefix=bin/&limit=1001`, 400],
  ] as const) {
    assert.equal((await bob.get(path)).status, status, path)
  }
})

test('a listing tells whether its bucket keeps versions', async () => {
  const answer = await ada.get(`/s3/list/${bucket}`)
  assert.equal(answer.json<{ keepsVersions: boolean }>().keepsVersions, true)
})
