import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const KEYS = ['a/1', 'a/2', 'a/b/3', 'b', 'c/1', 'c/2', 'd', 'é/1', 'z']

const prepare = async (): Promise<RunningServer> => {
  const running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'list' }))
  for (const Key of KEYS) await running.client.send(new PutObjectCommand({ Bucket: 'list', Key, Body: Key }))
  return running
}

test('list v2 pages through folders and keys in order', async () => {
  await using running = await prepare()
  for (const pageSize of [1, 2, 3, 1000]) {
    const entries: string[] = []
    const pages = paginateListObjectsV2({ client: running.client, pageSize }, { Bucket: 'list', Delimiter: '/' })
    for await (const page of pages) {
      assert.equal(page.KeyCount, (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0))
      entries.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''))
      entries.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''))
    }
    assert.deepEqual(entries.toSorted(), ['a/', 'b', 'c/', 'd', 'z', 'é/'], `pages of ${pageSize}`)
  }
})

test('list v2 honours prefix, start-after, fetch-owner and max-keys', async () => {
  await using running = await prepare()
  const list = async (query: Partial<ConstructorParameters<typeof ListObjectsV2Command>[0]>): Promise<string[]> => {
    const page = await running.client.send(new ListObjectsV2Command({ Bucket: 'list', ...query }))
    return [
      ...(page.Contents ?? []).map(({ Key }) => Key ?? ''),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''),
    ]
  }
  assert.deepEqual(await list({ Prefix: 'a/' }), ['a/1', 'a/2', 'a/b/3'])
  assert.deepEqual(await list({ Prefix: 'a/', Delimiter: '/' }), ['a/1', 'a/2', 'a/b/'])
  assert.deepEqual(await list({ StartAfter: 'c/1' }), ['c/2', 'd', 'z', 'é/1'])
  assert.deepEqual(await list({ StartAfter: 'a/', Delimiter: '/' }), ['b', 'd', 'z', 'c/', 'é/'])
  assert.deepEqual(await list({ MaxKeys: 0 }), [])
  assert.deepEqual(await list({ Prefix: 'nothing' }), [])
  const owned = await running.client.send(new ListObjectsV2Command({ Bucket: 'list', FetchOwner: true, MaxKeys: 1 }))
  assert.match(owned.Contents?.[0]?.Owner?.ID ?? '', /^[0-9a-f]{64}$/)
})

test('list v1 continues from its own next marker', async () => {
  await using running = await prepare()
  const entries: string[] = []
  let Marker: string | undefined
  do {
    const page = await running.client.send(
      new ListObjectsCommand({
        Bucket: 'list',
        Delimiter: '/',
        MaxKeys: 2,
        ...(Marker === undefined ? {} : { Marker }),
      }),
    )
    entries.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''))
    entries.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''))
    Marker = page.IsTruncated === true ? page.NextMarker : undefined
  } while (Marker !== undefined)
  assert.deepEqual(entries.toSorted(), ['a/', 'b', 'c/', 'd', 'z', 'é/'])
})

test('nonsense in a listing is an InvalidArgument', async () => {
  await using running = await prepare()
  const cases: [string, string][] = [
    ['max-keys', '-1'],
    ['max-keys', 'many'],
    ['continuation-token', 'made-up'],
    ['encoding-type', 'base64'],
    ['list-type', '3'],
  ]
  for (const [name, value] of cases) {
    const query: [string, string][] =
      name === 'list-type'
        ? [[name, value]]
        : [
            ['list-type', '2'],
            [name, value],
          ]
    const got = await send(running.server.url, { path: '/list', query })
    assert.equal(got.code, 'InvalidArgument', name)
  }
})
