import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { backupStore } from '../src/store/backup-store.ts'
import {
  addKey,
  changeKeyFile,
  createKeyFile,
  dropKeyVersion,
  keepVersions,
  rotateKey,
} from '../src/store/keys/key-file.ts'
import type { KeyFile } from '../src/store/keys/key-file.ts'
import { keys as runKeys } from '../src/commands/keys.ts'
import { UsageError } from '../src/commands/usage-error.ts'
import { send } from './raw-request.ts'
import { runVerb } from './run-verb.ts'
import { startRunningServer } from './running-server.ts'
import { startServerProcess } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

const SSE = 'x-amz-server-side-encryption'
const AES: Record<string, string> = { [SSE]: 'AES256' }
const kms = (keyId: string, bucketKey = 'false'): Record<string, string> => ({
  [SSE]: 'aws:kms',
  [`${SSE}-aws-kms-key-id`]: keyId,
  [`${SSE}-bucket-key-enabled`]: bucketKey,
})

/** Objects sealed in every way that the key file has, small and large. */
const OBJECTS: readonly (readonly [name: string, headers: Record<string, string>, size: number])[] = [
  ['small', AES, 100],
  ['large', AES, 300_000],
  ['named', kms('photos'), 100],
  ['named-large', kms('photos'), 300_000],
  ['bucket-key', kms('photos', 'true'), 70_000],
  ['own', kms('aws/s3'), 70_000],
]

const bytesOf = (name: string, size: number): Buffer => Buffer.alloc(size, `${name} `)

const fill = async (url: string): Promise<void> => {
  for (const [name, headers, size] of OBJECTS) {
    const put = await send(url, { method: 'PUT', path: `/box/${name}`, body: bytesOf(name, size), headers })
    assert.equal(put.status, 200, put.text)
  }
}

const checkAll = async (url: string): Promise<void> => {
  for (const [name, , size] of OBJECTS) {
    assert.ok((await send(url, { path: `/box/${name}` })).body.equals(bytesOf(name, size)), name)
  }
}

interface Versions {
  readonly active: string
  readonly keys: Record<string, string>
}

const readKeys = async (dataDir: string): Promise<Versions & { named: Record<string, Versions> }> =>
  JSON.parse(await readFile(join(dataDir, 'keys.json'), 'utf8')) as Versions & { named: Record<string, Versions> }

const temporaryDirectory = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 's3-keys-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Runs a verb of `keys` that must succeed. */
const keys = async (dataDir: string, ...words: string[]): Promise<string> => {
  const { code, output, errors } = await runVerb('keys', ...words, '--data', dataDir)
  assert.equal(code, 0, errors)
  return output
}

const blobFiles = async (dataDir: string): Promise<Map<string, { mtimeMs: number; bytes: Buffer }>> => {
  const files = new Map<string, { mtimeMs: number; bytes: Buffer }>()
  for (const name of await readdir(join(dataDir, 'blobs'), { recursive: true })) {
    const path = join(dataDir, 'blobs', name)
    const { mtimeMs, ...about } = await stat(path)
    if (about.mode !== undefined && /[0-9a-f]{32}$/.test(name)) {
      files.set(name, { mtimeMs, bytes: await readFile(path) })
    }
  }
  return files
}

test('keys are added, rotated and dropped, and every object stays readable without being written anew', async () => {
  await using directory = await temporaryDirectory()
  const dataDir = join(directory.path, 'not', 'there yet')
  await keys(dataDir, 'add', 'photos')
  let uploadId = ''
  const part = (number: number, body: Buffer | string) => ({
    method: 'PUT',
    path: '/box/upload',
    query: [
      ['partNumber', String(number)],
      ['uploadId', uploadId],
    ] as const,
    body,
  })
  const first = randomBytes(5 * 1024 ** 2)
  const tags: string[] = []
  {
    await using running = await startRunningServer({ dataDir })
    await running.client.send(new CreateBucketCommand({ Bucket: 'box' }))
    const { url } = running.server
    await fill(url)
    const created = await send(url, {
      method: 'POST',
      path: '/box/upload',
      query: [['uploads', '']],
      headers: kms('photos'),
    })
    uploadId = /<UploadId>([^<]+)</.exec(created.text)?.[1] ?? ''
    tags.push((await send(url, part(1, first))).headers.etag ?? '')
  }
  const before = await readKeys(dataDir)
  const files = await blobFiles(dataDir)
  await keys(dataDir, 'rotate')
  await keys(dataDir, 'rotate', 'photos')
  const after = await readKeys(dataDir)
  const olds = [before.active, before.named['photos']?.active ?? '']
  assert.ok(!olds.includes(after.active) && !olds.includes(after.named['photos']?.active ?? ''))
  assert.ok(
    olds.every((id) => id in after.keys || id in (after.named['photos']?.keys ?? {})),
    'old versions stay',
  )

  for (const version of olds) {
    const refused = await runVerb('keys', 'drop', version, '--data', dataDir)
    assert.equal(refused.code, 1)
    assert.match(refused.errors, /seals \d+ keys; run keys rewrap first/)
  }
  for (const { active } of [after, after.named['photos']!]) {
    assert.match((await runVerb('keys', 'drop', active, '--data', dataDir)).errors, /is the active one/)
  }
  assert.match(await keys(dataDir, 'rewrap'), /^8 keys sealed anew/)
  assert.match(await keys(dataDir, 'rewrap'), /^0 keys sealed anew/, 'there is nothing left to do')
  const listed = await keys(dataDir, 'list')
  for (const version of olds) assert.match(listed, new RegExp(`${version} {2}old {2}seals 0\n`))
  assert.match(listed, /^photos {2}[0-9a-f]{16} {2}active {2}seals 5$/m)
  for (const version of olds) await keys(dataDir, 'drop', version)
  const left = await readKeys(dataDir)
  assert.deepEqual(Object.keys(left.keys), [after.active])
  assert.deepEqual(await blobFiles(dataDir), files, 'no bytes were written')

  await using running = await startRunningServer({ dataDir })
  const { url } = running.server
  await checkAll(url)
  tags.push((await send(url, part(2, 'end'))).headers.etag ?? '')
  const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
  const done = await send(url, {
    method: 'POST',
    path: '/box/upload',
    query: [['uploadId', uploadId]],
    body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
  })
  assert.equal(done.status, 200, done.text)
  assert.ok((await send(url, { path: '/box/upload' })).body.equals(Buffer.concat([first, Buffer.from('end')])))
})

test('a running server takes up new keys and versions at SIGHUP, and seals anew what older ones sealed', async () => {
  await using directory = await temporaryDirectory()
  const { path: dataDir } = directory
  {
    await using server = await startServerProcess(dataDir)
    await send(server.url, { method: 'PUT', path: '/box' })
    const refused = await send(server.url, { method: 'PUT', path: '/box/o', body: 'x', headers: kms('photos') })
    assert.equal(refused.code, 'KMS.NotFoundException')
    await keys(dataDir, 'add', 'photos')
    await keys(dataDir, 'rotate')
    const until = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(server.errors())) await once(server.child.stderr!, 'data')
    }
    await send(server.url, { method: 'PUT', path: '/box/o', body: 'x', headers: AES })
    server.child.kill('SIGHUP')
    await until(/"keysSealedAnew":1/)
    await fill(server.url)
    await checkAll(server.url)
    const listed = await keys(dataDir, 'list')
    assert.match(listed, /aws\/s3 {2}[0-9a-f]{16} {2}old\n/)
    const busy = await runVerb('keys', 'rewrap', '--data', dataDir)
    assert.match(busy.errors, /is in use by process/)
    // A file that is not one changes nothing.
    const good = await readFile(join(dataDir, 'keys.json'))
    await writeFile(join(dataDir, 'keys.json'), '{}')
    server.child.kill('SIGHUP')
    await until(/"keyFile":"[^"]+ is damaged/)
    await checkAll(server.url)
    await writeFile(join(dataDir, 'keys.json'), good)
    await server.stop('SIGTERM')
  }
  const [old = ''] = Object.keys((await readKeys(dataDir)).keys)
  await keys(dataDir, 'drop', old)
  await using again = await startServerProcess(dataDir)
  await checkAll(again.url)
})

test('a bucket key that an older version sealed is used no more once a newer one is taken up', async () => {
  await using running = await startRunningServer()
  const { dataDir, server, client } = running
  await changeKeyFile(join(dataDir, 'keys.json'), (file) => addKey(file, 'photos'))
  assert.equal(await server.reloadKeys(), 0)
  await client.send(new CreateBucketCommand({ Bucket: 'box' }))
  const put = (name: string) =>
    send(server.url, { method: 'PUT', path: `/box/${name}`, body: name, headers: kms('photos', 'true') })
  await put('before')
  const old = (await readKeys(dataDir)).named['photos']?.active ?? ''
  await changeKeyFile(join(dataDir, 'keys.json'), (file) => rotateKey(file, 'photos'))
  assert.equal(await server.reloadKeys(), 1)
  await put('after')
  const lacking = await readFile(join(dataDir, 'keys.json'), 'utf8')
  await writeFile(join(dataDir, 'keys.json'), JSON.stringify(dropKeyVersion(JSON.parse(lacking) as KeyFile, old)))
  await assert.rejects(server.reloadKeys(), /lacks version/, 'a server that runs may still need it')
  await writeFile(join(dataDir, 'keys.json'), lacking)
  await server.close()
  await runKeys({ dataDir, keyFile: undefined, words: ['drop', old] })
  await using again = await startRunningServer({ dataDir })
  for (const name of ['before', 'after']) {
    assert.equal((await send(again.server.url, { path: `/box/${name}` })).text, name)
  }
})

test('a backup has the keys of the moment that it is of, and keeps no others', async () => {
  await using directory = await temporaryDirectory()
  await using running = await startRunningServer()
  const { dataDir, server, client } = running
  const target = join(directory.path, 'backup')
  const options = { dataDir, target, keyFile: join(dataDir, 'keys.json'), copy: false }
  await client.send(new CreateBucketCommand({ Bucket: 'box' }))
  const put = await send(server.url, { method: 'PUT', path: '/box/o', body: 'text', headers: AES })
  assert.equal(put.status, 200)
  await backupStore(options)
  const { active: old } = await readKeys(dataDir)
  await changeKeyFile(join(dataDir, 'keys.json'), (file) => rotateKey(file, undefined))
  assert.equal(await server.reloadKeys(), 1)
  await server.close()
  await runKeys({ dataDir, keyFile: undefined, words: ['drop', old] })
  await backupStore(options)
  const { keys: kept } = await readKeys(target)
  assert.ok(!(old in kept), 'nothing in the backup needs it')
  await using restored = await startRunningServer({ dataDir: target })
  assert.equal((await send(restored.server.url, { path: '/box/o' })).text, 'text')
})

test('what either of two key files opens, both together open', () => {
  const versions = (...ids: string[]) => ({
    active: ids[0] ?? '',
    keys: Object.fromEntries(ids.map((id) => [id, `key ${id}`])),
  })
  const older = { ...versions('1', '2'), named: { a: versions('3'), gone: versions('4') } }
  const newer = { ...versions('5', '2'), named: { a: versions('6', '7'), new: versions('8') } }
  assert.deepEqual(keepVersions(newer, older), {
    active: '5',
    keys: { 1: 'key 1', 2: 'key 2', 5: 'key 5' },
    named: {
      a: { active: '6', keys: { 3: 'key 3', 6: 'key 6', 7: 'key 7' } },
      gone: versions('4'),
      new: versions('8'),
    },
  })
  assert.deepEqual(keepVersions(versions('1'), versions('2')).keys, { 1: 'key 1', 2: 'key 2' })
})

test('two that change the key file at once lose nothing of each other', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'keys.json')
  await createKeyFile(path)
  const changes = await Promise.allSettled(
    ['one', 'two', 'three'].map((name) => changeKeyFile(path, (file) => addKey(file, name))),
  )
  const taken = changes.filter(({ status }) => status === 'fulfilled').length
  assert.ok(taken >= 1)
  for (const change of changes) {
    if (change.status === 'rejected') assert.match(String(change.reason), /is being changed by another process/)
  }
  assert.equal(Object.keys((await readKeys(directory.path)).named).length, taken)
})

test('a server killed while it seals keys anew loses none of them', async () => {
  await using directory = await temporaryDirectory()
  const { path: dataDir } = directory
  const count = 600
  const each = async (server: ServerProcess, visit: (name: string) => Promise<void>): Promise<void> => {
    assert.ok(server.url !== '')
    const names = Array.from({ length: count }, (_, at) => `o${at}`)
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let name = names.pop(); name !== undefined; name = names.pop()) await visit(name)
      }),
    )
  }
  {
    await using server = await startServerProcess(dataDir)
    await send(server.url, { method: 'PUT', path: '/box' })
    await each(server, async (name) => {
      await send(server.url, { method: 'PUT', path: `/box/${name}`, body: name, headers: AES })
    })
    await keys(dataDir, 'rotate')
    server.child.kill('SIGHUP')
    // Answered while it works, so it is somewhere in the midst of it.
    await send(server.url, { path: '/box/o1' })
    await server.stop('SIGKILL')
  }
  const { active, keys: versions } = await readKeys(dataDir)
  const old = Object.keys(versions).find((id) => id !== active) ?? ''
  await keys(dataDir, 'rewrap')
  await keys(dataDir, 'drop', old)
  await using server = await startServerProcess(dataDir)
  await each(server, async (name) => {
    assert.equal((await send(server.url, { path: `/box/${name}` })).text, name)
  })
})

test('what a crash leaves beside the key file changes nothing', async () => {
  await using directory = await temporaryDirectory()
  const { path: dataDir } = directory
  await keys(dataDir, 'add', 'photos')
  const before = await readKeys(dataDir)
  await writeFile(join(dataDir, 'keys.json.new'), '{"active":"cut in the mid')
  assert.match(await keys(dataDir, 'list'), new RegExp(before.active))
  await keys(dataDir, 'rotate')
  const after = await readKeys(dataDir)
  assert.equal(after.keys[before.active], before.keys[before.active])
  assert.equal((await stat(join(dataDir, 'keys.json'))).mode & 0o777, 0o600)
})

test('words that are no command of keys are explained', async (t) => {
  await using directory = await temporaryDirectory()
  const { path: dataDir } = directory
  await keys(dataDir, 'add', 'photos')
  const cases: readonly (readonly [string[], boolean, RegExp])[] = [
    [[], true, /keys list, add NAME/],
    [['turn'], true, /keys list, add NAME/],
    [['add'], true, /takes a name/],
    [['drop'], true, /takes the id/],
    [['list', 'photos'], true, /photos is too much/],
    [['rotate', 'photos', 'more'], true, /more is too much/],
    [['add', 'photos'], false, /There is a key photos already/],
    [['add', 'aws/s3'], false, /store's own key/],
    [['add', 'a b'], false, /can't be the name/],
    [['rotate', 'nobody'], false, /There is no key nobody/],
    [['rotate', 'toString'], false, /There is no key toString/],
  ]
  for (const [words, isUsage, message] of cases) {
    await t.test(words.join(' '), async () => {
      await assert.rejects(runKeys({ dataDir, keyFile: undefined, words }), (error: Error) => {
        assert.match(error.message, message)
        return error instanceof UsageError === isUsage
      })
    })
  }
})
