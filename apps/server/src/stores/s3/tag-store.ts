import { GetObjectTaggingCommand, HeadObjectCommand, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3'
import type { NamedValue, TagResult, TagStore } from '../tag-store.ts'
import { unquoted } from './copy-call.ts'
import { isMissingOperation } from './delete-prefix.ts'
import { storeFailure } from './store-failure.ts'

type At = <T>(bucket: string, doing: string, work: (client: S3Client) => Promise<T>) => Promise<T>

export function tagStore(at: At, deadline: () => { readonly abortSignal: AbortSignal }): TagStore {
  return {
    describeObject: (bucket, key) =>
      at(bucket, `look up an object of the bucket ${bucket}`, async (client) => {
        try {
          const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), deadline())
          return {
            size: head.ContentLength ?? 0,
            etag: unquoted(head.ETag),
            lastModified: head.LastModified ?? new Date(0),
            storageClass: head.StorageClass ?? 'STANDARD',
            encryption: head.ServerSideEncryption,
            headers: named({
              'content-type': head.ContentType,
              'cache-control': head.CacheControl,
              'content-disposition': head.ContentDisposition,
              'content-encoding': head.ContentEncoding,
              'content-language': head.ContentLanguage,
              expires: head.ExpiresString,
            }),
            metadata: named(head.Metadata ?? {}),
          }
        } catch (error) {
          if (storeFailure(error).status === 404) return undefined
          throw error
        }
      }),

    readObjectTags: (bucket, key) =>
      at(bucket, `read the tags of an object of the bucket ${bucket}`, async (client) => {
        try {
          const { TagSet = [] } = await client.send(
            new GetObjectTaggingCommand({ Bucket: bucket, Key: key }),
            deadline(),
          )
          const tags = TagSet.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }))
          return { ok: true, tags: tags.toSorted((a, b) => (a.key < b.key ? -1 : 1)) }
        } catch (error) {
          if (storeFailure(error).code === 'NoSuchTagSet') return { ok: true, tags: [] }
          return failed(error)
        }
      }),

    writeObjectTags: (bucket, key, tags) =>
      at(bucket, `change the tags of an object of the bucket ${bucket}`, async (client) => {
        try {
          const TagSet = tags.map((tag) => ({ Key: tag.key, Value: tag.value }))
          await client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging: { TagSet } }), deadline())
          return { ok: true, tags: tags.toSorted((a, b) => (a.key < b.key ? -1 : 1)) }
        } catch (error) {
          return failed(error)
        }
      }),
  }
}

const named = (values: Readonly<Record<string, string | undefined>>): NamedValue[] =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : { name, value }))

/** @throws what is neither missing nor unknown to the store */
function failed(error: unknown): TagResult {
  const { code } = storeFailure(error)
  if (code === 'NoSuchBucket') return { ok: false, reason: 'no-such-bucket' }
  if (code === 'NoSuchKey' || code === 'NoSuchVersion') return { ok: false, reason: 'no-such-key' }
  if (isMissingOperation(error)) return { ok: false, reason: 'unsupported' }
  throw error
}
