import { parsePolicy } from '@skycrate/core/access/iam/parse-policy'
import type { ReadPolicy } from '../auth/policy-cache.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { readDocument } from '../http/read-document.ts'
import type { Operation } from '../operation.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import type { Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import { element } from '@skycrate/aws-wire/write-xml'

/** Bytes, as on S3. */
const MAX_POLICY_BYTES = 20_480

const read = ({ policies }: Site, text: string, bucket: string): ReadPolicy => {
  const known = policies.get(text, { kind: 'bucket', bucket })
  if (known !== undefined) return known
  const parsed = parsePolicy(text, { kind: 'bucket', bucket })
  throw new S3Error('MalformedPolicy', parsed.outcome === 'malformed' ? { message: parsed.message } : {})
}

const blocksPublic = ({ store }: Site, bucket: Bucket): boolean => {
  const document = store.buckets.setting(bucket.id, 'public-access-block')
  return document !== undefined && (JSON.parse(document) as Record<string, boolean>)['BlockPublicPolicy'] === true
}

/** The policy of a bucket; every request to it is evaluated against it (`auth/principal.ts`). */
export const bucketPolicy: readonly Operation[] = [
  {
    name: 'GetBucketPolicy',
    method: 'GET',
    scope: 'bucket',
    requires: ['policy'],
    access: { by: 'signature', action: 's3:GetBucketPolicy' },
    run: ({ site }, bucket) => {
      const text = site.store.buckets.setting(bucket.id, 'policy')
      if (text === undefined) throw new S3Error('NoSuchBucketPolicy', { fields: { BucketName: bucket.name } })
      return { status: 200, body: { kind: 'text', text, contentType: 'application/json' } }
    },
  },
  {
    name: 'PutBucketPolicy',
    method: 'PUT',
    scope: 'bucket',
    requires: ['policy'],
    access: { by: 'signature', action: 's3:PutBucketPolicy' },
    run: async (context, bucket) => {
      const { store } = context.site
      const text = await readDocument(context, MAX_POLICY_BYTES)
      const { isPublic } = read(context.site, text, bucket.name)
      await store.index.write(() => {
        const fresh = refreshBucket(store, bucket)
        if (isPublic && blocksPublic(context.site, fresh)) throw new S3Error('AccessDenied')
        store.buckets.putSetting(fresh.id, 'policy', text)
      })
      return emptyReply(204)
    },
  },
  {
    name: 'DeleteBucketPolicy',
    method: 'DELETE',
    scope: 'bucket',
    requires: ['policy'],
    access: { by: 'signature', action: 's3:DeleteBucketPolicy' },
    run: async ({ site: { store } }, bucket) => {
      await store.index.write(() => {
        store.buckets.deleteSetting(refreshBucket(store, bucket).id, 'policy')
      })
      return emptyReply(204)
    },
  },
  {
    name: 'GetBucketPolicyStatus',
    method: 'GET',
    scope: 'bucket',
    requires: ['policyStatus'],
    access: { by: 'signature', action: 's3:GetBucketPolicyStatus' },
    run: ({ site }, bucket) => {
      const text = site.store.buckets.setting(bucket.id, 'policy')
      if (text === undefined) throw new S3Error('NoSuchBucketPolicy', { fields: { BucketName: bucket.name } })
      const { isPublic } = read(site, text, bucket.name)
      return xmlReply(element('PolicyStatus', [element('IsPublic', isPublic)]))
    },
  },
]
