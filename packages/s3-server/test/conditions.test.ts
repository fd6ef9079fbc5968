import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { send } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const Bucket = 'conditions'
const failed = { name: 'PreconditionFailed' }
const OTHER = '"00000000000000000000000000000000"'

const start = async (): Promise<RunningServer> => {
  const running = await startRunningServer()
  await running.client.send(new s3.CreateBucketCommand({ Bucket }))
  return running
}

const put = async ({ client }: RunningServer, Key: string): Promise<{ ETag: string; VersionId: string }> => {
  const { ETag = '', VersionId = '' } = await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key }))
  return { ETag, VersionId }
}

test('a delete with If-Match takes only what the tag names', async () => {
  await using running = await start()
  const { client } = running
  const { ETag } = await put(running, 'k')
  const remove = async (IfMatch: string, Key = 'k'): Promise<void> => {
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key, IfMatch }))
  }
  await assert.rejects(remove(OTHER), failed)
  await remove(ETag)
  await assert.rejects(remove(ETag), { name: 'NoSuchKey' })
  await put(running, 'k')
  await remove('*')
  await assert.rejects(remove('*', 'never there'), { name: 'NoSuchKey' })
})

test('a delete of a version compares the tag of that version, alone and among many', async () => {
  await using running = await start()
  const { client } = running
  await client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const { ETag, VersionId } = await put(running, 'k')
  const object = { Bucket, Key: 'k', VersionId }
  await assert.rejects(client.send(new s3.DeleteObjectCommand({ ...object, IfMatch: OTHER })), failed)
  const many = async (tag: string) => {
    const Objects = [{ Key: 'k', VersionId, ETag: tag }]
    return client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  }
  assert.deepEqual(
    (await many(OTHER)).Errors?.map(({ Code }) => Code),
    ['PreconditionFailed'],
  )
  assert.equal((await many(ETag)).Deleted?.length, 1)
  assert.deepEqual(
    (await many(ETag)).Errors?.map(({ Code }) => Code),
    ['NoSuchKey'],
  )
})

test('conditions of deletes that are not there are refused, not passed over', async () => {
  await using running = await start()
  await put(running, 'k')
  for (const [name, value] of [
    ['x-amz-if-match-size', '9'],
    ['x-amz-if-match-last-modified-time', new Date(0).toUTCString()],
  ] as const) {
    const path = `/${Bucket}/k`
    const answer = await send(running.server.url, { method: 'DELETE', path, headers: { [name]: value } })
    assert.equal(answer.code, 'NotImplemented')
  }
  await running.client.send(new s3.HeadObjectCommand({ Bucket, Key: 'k' }))
})

type Condition = Pick<s3.PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>
type Write = (running: RunningServer, Key: string, condition: Condition) => Promise<void>

const copy: Write = async ({ client }, Key, condition) => {
  // The client has no such option: the headers are those of any write.
  const command = new s3.CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/source` })
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> }
      if (condition.IfMatch !== undefined) request.headers['if-match'] = condition.IfMatch
      if (condition.IfNoneMatch !== undefined) request.headers['if-none-match'] = condition.IfNoneMatch
      return next(args)
    },
    { step: 'build' },
  )
  await client.send(command)
}

const complete: Write = async ({ client }, Key, condition) => {
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key }))
  const part = { Bucket, Key, UploadId, PartNumber: 1 }
  const { ETag } = await client.send(new s3.UploadPartCommand({ ...part, Body: 'x' }))
  const Parts = [{ PartNumber: 1, ETag }]
  await client.send(
    new s3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...condition }),
  )
}

const WRITES: readonly (readonly [name: string, write: Write])[] = [
  ['copy', copy],
  ['completion', complete],
]

for (const [name, write] of WRITES) {
  test(`a ${name} with a condition writes only where it holds`, async () => {
    await using running = await start()
    await put(running, 'source')
    await write(running, 'new', { IfNoneMatch: '*' })
    await assert.rejects(write(running, 'new', { IfNoneMatch: '*' }), failed)
    const { ETag } = await put(running, 'k')
    await assert.rejects(write(running, 'k', { IfMatch: OTHER }), failed)
    await write(running, 'k', { IfMatch: ETag })
    await assert.rejects(write(running, 'nothing', { IfMatch: ETag }), { name: 'NoSuchKey' })
  })
}
