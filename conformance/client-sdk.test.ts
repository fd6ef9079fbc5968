import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { downloadData, getUrl, list as listAmplify, remove as removeAmplify, uploadData } from 'aws-amplify/storage'
import { auditEvents, signInAsAdmin, type Api } from './api.ts'
import { type ClientPackage, packedClient } from './client-package.ts'
import { dispatchLocally } from './dispatch-locally.ts'
import { type GuideFolder, guideFolder } from './guide-folder.ts'
import { askStore } from './store-root.ts'
import { startSystem, type System } from './system.ts'

// The TypeScript client as it is published, against the real server and store, and its adapters under the real libraries.

/** With a dot, so that Amplify puts the bucket into the path. */
const LIBRARY = 'skycrate.library'
const MEBIBYTE = 1024 ** 2

interface Client {
  login(credentials: { email: string; password: string }): Promise<unknown>
  logout(): Promise<unknown>
  me(): Promise<{ id: string }>
}
interface Task {
  readonly state: string
  readonly result: Promise<{ etag?: string }>
  pause(): void
  resume(): void
  abort(): Promise<void>
}
interface Place {
  readonly level?: string
  readonly userId?: string
}
interface Storage {
  put(path: string, source: unknown, options?: object): Promise<Task>
  get(path: string, options?: Place): Promise<Response>
  url(path: string, options?: Place): Promise<{ url: string }>
  list(path?: string, options?: Place): AsyncIterable<{ path: string; key: string; size: number }>
  remove(path: string, options?: Place): Promise<void>
  copy(from: object, to: object, options?: object): Promise<void>
}
type StartUpload = (client: Client, source: unknown, options: object) => Task

let pack: ClientPackage
let system: System
let admin: Api
let createClient: (options: object) => Client
let createStorage: (client: Client, options: object) => Storage
let startUpload: StartUpload
/** With the samples of the guide, in which the first of the people signs in. */
let guide: GuideFolder

const people = ['ada', 'bob'].map((name) => ({
  email: `${name}@skycrate.test`,
  password: randomBytes(12).toString('hex'),
}))
const [ADA, BOB] = people as [(typeof people)[0], (typeof people)[0]]

before(async () => {
  pack = await packedClient()
  ;({ createClient } = await pack.load<{ createClient: typeof createClient }>('client'))
  ;({ createStorage } = await pack.load<{ createStorage: typeof createStorage }>('storage/storage'))
  ;({ startUpload } = await pack.load<{ startUpload: StartUpload }>('transfers/upload-task'))
  system = await startSystem({ env: { SKYCRATE_GUESTS: 'true', SKYCRATE_LIBRARY_BUCKET: LIBRARY } })
  admin = await signInAsAdmin(system)
  for (const person of people) assert.equal((await admin.post('/users', person)).status, 201)
  guide = await guideFolder('clients.md', {
    replace: (text) =>
      text
        .replaceAll(':8080', `:${new URL(system.url).port}`)
        .replaceAll('me@example.com', ADA.email)
        .replaceAll('PASSWORD', ADA.password)
        .replaceAll('skycrate-library', LIBRARY),
    modules: { '@skycrate/client': pack.folder, 'aws-amplify': undefined },
  })
})
after(async () => {
  await guide?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
  await pack?.[Symbol.asyncDispose]()
})

async function signIn(person?: { email: string; password: string }): Promise<{ client: Client; storage: Storage }> {
  const client = createClient({ baseUrl: system.url })
  if (person) await client.login(person)
  return { client, storage: createStorage(client, { bucket: LIBRARY }) }
}

const pathsOf = async (storage: Storage, path: string, place: Place): Promise<string[]> => {
  const found: string[] = []
  for await (const each of storage.list(path, place)) found.push(each.path)
  return found
}
const refused = { code: 'forbidden' }

test('each access level is a place of its own: whose it is writes, and others read what they may', async () => {
  const [ada, bob, guest] = [await signIn(ADA), await signIn(BOB), await signIn()]
  const { id } = await ada.client.me()
  for (const level of ['public', 'protected', 'private']) {
    await (
      await ada.storage.put('notes/a b.txt', `${level} of ada`, { level, contentType: 'text/plain' })
    ).result
    assert.equal(await (await ada.storage.get('notes/a b.txt', { level })).text(), `${level} of ada`)
    assert.deepEqual(await pathsOf(ada.storage, 'notes/', { level }), ['notes/a b.txt'])
  }
  const hers = { level: 'protected', userId: id }
  assert.equal(await (await bob.storage.get('notes/a b.txt', hers)).text(), 'protected of ada')
  assert.equal(await (await guest.storage.get('notes/a b.txt', { level: 'guest' })).text(), 'public of ada')
  assert.equal(await (await guest.storage.get('notes/a b.txt', hers)).text(), 'protected of ada')
  await assert.rejects(bob.storage.get('notes/a b.txt', { level: 'private', userId: id }), refused)
  await assert.rejects((await bob.storage.put('x', 'x', hers)).result, refused)
  await assert.rejects((await guest.storage.put('x', 'x', { level: 'public' })).result, refused)
  await assert.rejects(bob.storage.remove('notes/a b.txt', hers), refused)

  const { url } = await ada.storage.url('notes/a b.txt')
  assert.equal(await (await fetch(url)).text(), 'private of ada', 'private is the default')
  const from = { path: 'notes/a b.txt', level: 'private' }
  await ada.storage.copy(from, { path: 'copy.txt', level: 'protected' })
  assert.equal(await (await bob.storage.get('copy.txt', hers)).text(), 'private of ada')
  await assert.rejects(ada.storage.copy(from, { path: 'copy.txt', level: 'protected' }), { status: 412 })
  await assert.rejects((await ada.storage.put('copy.txt', 'x', { level: 'protected', ifNoneMatch: '*' })).result, {
    status: 412,
  })
  await ada.storage.remove('copy.txt', { level: 'protected' })
  assert.deepEqual(await pathsOf(ada.storage, 'copy', { level: 'protected' }), [])
  await ada.client.logout()
  await ada.client.login(BOB)
  await assert.rejects(ada.storage.get('notes/a b.txt'), { status: 404 }, 'who signs in next has another place')
})

const uploadsOf = async (): Promise<number> =>
  [...(await askStore(system, 'GET', `/${LIBRARY}`, { uploads: '' })).text.matchAll(/<UploadId>/g)].length

test('a large file goes in parts: paused, resumed, gone on with by another client, aborted', async () => {
  const { client, storage } = await signIn(ADA)
  const { id } = await client.me()
  const bytes = new Uint8Array(randomBytes(33 * MEBIBYTE))
  const place = { bucket: LIBRARY, key: `private/${id}/large.bin` }
  const seen: number[] = []
  let kept: object | undefined
  const task: Task = startUpload(client, bytes, {
    ...place,
    parallel: 2,
    onCheckpoint: (checkpoint: object) => (kept = JSON.parse(JSON.stringify(checkpoint)) as object),
    onProgress: (sent: number) => {
      seen.push(sent)
      if (sent >= 8 * MEBIBYTE && task.state === 'running') task.pause()
    },
  })
  while (task.state === 'running') await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(task.state, 'paused')
  assert.ok(seen.at(-1)! < bytes.length)

  // Another client, as after a reload: what the store has is not sent again.
  const other = await signIn(ADA)
  const sent: number[] = []
  const second = startUpload(other.client, bytes, {
    ...place,
    checkpoint: kept,
    onProgress: (each: number) => sent.push(each),
  })
  await second.result
  assert.ok(sent[0]! >= 8 * MEBIBYTE, `it went on at ${sent[0]}`)
  assert.equal(sent.at(-1), bytes.length)
  assert.ok(
    sent.every((each, index) => index === 0 || each >= sent[index - 1]!),
    'progress never goes back',
  )
  const there = await storage.get('large.bin')
  assert.ok(Buffer.from(await there.arrayBuffer()).equals(bytes))
  await task.abort()
  assert.equal(task.state, 'aborted')
  await assert.rejects(task.result, { name: 'UploadAborted' })

  // Paused and resumed by the same client.
  const third = startUpload(client, bytes, { ...place, key: `${place.key}.2`, parallel: 3 })
  third.pause()
  await new Promise((resolve) => setTimeout(resolve, 50))
  third.resume()
  await third.result
  assert.equal(third.state, 'done')

  const { promise: begun, resolve: onCheckpoint } = Promise.withResolvers<unknown>()
  const fourth = startUpload(client, bytes, { ...place, key: `${place.key}.3`, onCheckpoint })
  await begun
  await fourth.abort()
  await assert.rejects(fourth.result, { name: 'UploadAborted' })
  assert.equal(await uploadsOf(), 0, 'the store has forgotten the parts')

  await assert.rejects(startUpload(client, bytes, { ...place, ifNoneMatch: '*' }).result, { status: 412 })
  const bob = await signIn(BOB)
  await assert.rejects(startUpload(bob.client, bytes, place).result, refused)
  await assert.rejects(startUpload(bob.client, bytes, { ...place, checkpoint: kept }).result, { status: 404 })
  await assert.rejects(startUpload(client, 'short', { ...place, checkpoint: kept }).result, RangeError)
  const actions = (await auditEvents(admin, '/audit/logs')).map(({ action }) => action)
  for (const action of ['upload.create', 'upload.complete', 'upload.abort']) assert.ok(actions.includes(action), action)
})

test('what the guide says of the client works as it stands', () =>
  guide.run(['The TypeScript client'], { languages: ['js'] }))

test('Amplify stores as whoever is signed in to the client, and as a guest', async () => {
  const undo = await dispatchLocally((host) => (host === 's3.us-east-1.amazonaws.com' ? system.s3Url : undefined))
  try {
    const { client } = (await import(join(guide.dir, 'client.mjs'))) as { client: Client }
    await import(join(guide.dir, 'amplify.mjs'))
    await client.logout()
    await assert.rejects(uploadData({ path: 'public/guest.txt', data: 'x' }).result)
    await client.login(ADA)
    const { id } = await client.me()
    const path = ({ identityId }: { identityId?: string }): string => `private/${identityId}/amplify/photo.txt`
    await uploadData({ path, data: 'mine' }).result
    await uploadData({ path: 'public/amplify.txt', data: 'for all' }).result
    assert.equal(await (await downloadData({ path }).result).body.text(), 'mine')
    assert.match((await getUrl({ path })).url.href, /X-Amz-Signature/)
    const listed = await listAmplify({ path: ({ identityId }) => `private/${identityId}/amplify/` })
    assert.deepEqual(
      listed.items.map((item) => item.path),
      [`private/${id}/amplify/photo.txt`],
    )
    await client.logout()
    assert.equal(await (await downloadData({ path: 'public/amplify.txt' }).result).body.text(), 'for all')
    await assert.rejects(downloadData({ path: `private/${id}/amplify/photo.txt` }).result)
    await client.login(BOB)
    for (const other of [`private/${id}/amplify/photo.txt`, `private/${id}/x.txt`]) {
      await assert.rejects(uploadData({ path: other, data: 'x' }).result)
      await assert.rejects(downloadData({ path: other }).result)
    }
    await client.logout()
    await client.login(ADA)
    await removeAmplify({ path })
    await assert.rejects(downloadData({ path }).result)
  } finally {
    undo()
  }
})
