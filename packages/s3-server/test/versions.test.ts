import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

const Bucket = 'versions'

const setVersioning = async (client: S3Client, Status: 'Enabled' | 'Suspended'): Promise<void> => {
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
}

const read = async (client: S3Client, Key: string, VersionId?: string): Promise<string> => {
  const got = await client.send(
    new GetObjectCommand({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }),
  )
  return (await got.Body?.transformToString()) ?? ''
}

const put = async (client: S3Client, Key: string, Body: string): Promise<string | undefined> =>
  (await client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId

test('an enabled bucket keeps every version, hides behind delete markers, and brings back what was below', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket }))
  assert.equal((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined)
  assert.equal(await put(client, 'k', 'before'), undefined)
  await setVersioning(client, 'Enabled')
  const one = await put(client, 'k', 'one')
  const two = await put(client, 'k', 'two')
  assert.ok(one !== undefined && two !== undefined && one !== two)
  assert.equal(await read(client, 'k'), 'two')
  assert.equal(await read(client, 'k', one), 'one')
  assert.equal(await read(client, 'k', 'null'), 'before')

  const marker = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
  assert.equal(marker.DeleteMarker, true)
  await assert.rejects(read(client, 'k'), { name: 'NoSuchKey' })
  await assert.rejects(read(client, 'k', marker.VersionId), { name: 'MethodNotAllowed' })
  assert.equal((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0)
  await assert.rejects(client.send(new DeleteBucketCommand({ Bucket })), { name: 'BucketNotEmpty' })

  const listed = await client.send(new ListObjectVersionsCommand({ Bucket }))
  assert.deepEqual(
    listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
    [
      [two, false],
      [one, false],
      ['null', false],
    ],
  )
  assert.deepEqual(
    listed.DeleteMarkers?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
    [[marker.VersionId, true]],
  )

  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId ?? '' }))
  assert.equal(await read(client, 'k'), 'two')
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: two }))
  assert.equal(await read(client, 'k'), 'one')
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: 'null' }))
  assert.equal(await read(client, 'k'), 'one')
  await assert.rejects(read(client, 'k', 'null'), { name: 'NoSuchVersion' })
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: one }))
  await client.send(new DeleteBucketCommand({ Bucket }))
})

test('a suspended bucket keeps old versions and one null version', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket }))
  await setVersioning(client, 'Enabled')
  const kept = await put(client, 'k', 'kept')
  await setVersioning(client, 'Suspended')
  // S3 names the version only when it is read.
  assert.equal(await put(client, 'k', 'null one'), undefined)
  assert.equal(await put(client, 'k', 'null two'), undefined)
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))
  assert.equal(head.VersionId, 'null')
  const copied = await client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }))
  assert.equal(copied.VersionId, undefined)
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'copy', VersionId: 'null' }))
  assert.equal(await read(client, 'k', kept), 'kept')
  assert.equal(await read(client, 'k', 'null'), 'null two')
  const marker = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
  assert.equal(marker.VersionId, 'null')
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket }))
  assert.deepEqual(
    listed.Versions?.map(({ VersionId }) => VersionId),
    [kept],
  )
  await put(client, 'k', 'null three')
  assert.equal((await client.send(new ListObjectVersionsCommand({ Bucket }))).DeleteMarkers, undefined)
})

test('a copy of an old version brings it back, and heads tell version ids', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket }))
  await setVersioning(client, 'Enabled')
  const one = await put(client, 'k', 'one')
  await put(client, 'k', 'two')
  const copied = await client.send(
    new CopyObjectCommand({ Bucket, Key: 'k', CopySource: `${Bucket}/k?versionId=${one}` }),
  )
  assert.equal(copied.CopySourceVersionId, one)
  assert.equal(await read(client, 'k'), 'one')
  assert.equal((await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).VersionId, copied.VersionId)
})

for (const [what, versionId] of [
  ['nothing', ''],
  ['a line break', 'a\nb'],
  ['what no header can hold', 'é\u{1f600}'],
] as const) {
  test(`a version id that is ${what} is an invalid argument, to delete too`, async () => {
    await using running = await startRunningServer()
    await running.client.send(new CreateBucketCommand({ Bucket }))
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      const query = [['versionId', versionId]] as const
      const { status, code } = await send(running.server.url, { method, path: `/${Bucket}/k`, query })
      assert.equal(status, 400, method)
      assert.equal(code, method === 'HEAD' ? '' : 'InvalidArgument')
    }
  })
}

test('a bucket is emptied page by page while it is listed', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket }))
  await put(client, 'a', 'null')
  await setVersioning(client, 'Enabled')
  for (const key of ['a', 'b', 'a', 'c', 'b', 'a']) await put(client, key, key)
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'b' }))
  let removed = 0
  let KeyMarker: string | undefined
  let VersionIdMarker: string | undefined
  do {
    const page = await client.send(
      new ListObjectVersionsCommand({
        Bucket,
        MaxKeys: 2,
        ...(KeyMarker === undefined ? {} : { KeyMarker }),
        ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }),
      }),
    )
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key = '', VersionId = '' }) => ({
      Key,
      VersionId,
    }))
    const done = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    removed += done.Deleted?.length ?? 0
    KeyMarker = page.NextKeyMarker
    VersionIdMarker = page.NextVersionIdMarker
  } while (KeyMarker !== undefined)
  assert.equal(removed, 8)
  await client.send(new DeleteBucketCommand({ Bucket }))
})

interface ModelVersion {
  readonly id: string
  /** Undefined: a delete marker. */
  readonly body: string | undefined
}

test('random puts, deletes and changes of versioning agree with a simple model', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: 'put' } as const) },
    { weight: 3, arbitrary: fc.constant({ kind: 'delete' } as const) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete-version' as const), at: fc.nat(5) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('set' as const), to: fc.constantFrom('Enabled', 'Suspended') }),
    },
  )
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const bucket = `model-${(round += 1)}`
      await client.send(new CreateBucketCommand({ Bucket: bucket }))
      let versioning: 'Unversioned' | 'Enabled' | 'Suspended' = 'Unversioned'
      // Newest first.
      let model: ModelVersion[] = []
      const add = (id: string, body: string | undefined): void => {
        model = [{ id, body }, ...(id === 'null' ? model.filter((version) => version.id !== 'null') : model)]
      }
      for (const [at, action] of steps.entries()) {
        switch (action.kind) {
          case 'put': {
            const done = await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: `body ${at}` }))
            add(versioning === 'Enabled' ? (done.VersionId ?? '') : 'null', `body ${at}`)
            break
          }
          case 'delete': {
            const done = await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }))
            if (versioning === 'Unversioned') model = []
            else add(done.VersionId ?? '', undefined)
            break
          }
          case 'delete-version': {
            const VersionId = model[action.at]?.id ?? 'null'
            await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId }))
            model = model.filter(({ id }) => id !== VersionId)
            break
          }
          case 'set':
            versioning = action.to as 'Enabled' | 'Suspended'
            await client.send(
              new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: versioning } }),
            )
        }
        const listed = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }))
        const versions = listed.Versions ?? []
        const markers = listed.DeleteMarkers ?? []
        assert.deepEqual(
          versions.map(({ VersionId }) => VersionId),
          model.filter(({ body }) => body !== undefined).map(({ id }) => id),
        )
        assert.deepEqual(
          markers.map(({ VersionId }) => VersionId),
          model.filter(({ body }) => body === undefined).map(({ id }) => id),
        )
        const latest = [...versions, ...markers]
          .filter(({ IsLatest }) => IsLatest === true)
          .map(({ VersionId }) => VersionId)
        assert.deepEqual(
          latest,
          model.slice(0, 1).map(({ id }) => id),
        )
        const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'k' })).then(
          ({ Body }) => Body?.transformToString(),
          () => undefined,
        )
        assert.equal(got, model[0]?.body)
      }
    }),
    { numRuns: 25 },
  )
})
