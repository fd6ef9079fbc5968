import { refreshBucket } from '../find-bucket.ts'
import { readDocument } from '../http/read-document.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'

/** Bytes, as on S3. */
const MAX_POLICY_BYTES = 20_480

/** @throws S3Error MalformedPolicy for what is no policy document at all */
const checkPolicy = (text: string): string => {
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch (error) {
    throw new S3Error('MalformedPolicy', { cause: error })
  }
  const statement =
    typeof policy === 'object' && policy !== null && 'Statement' in policy ? policy.Statement : undefined
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement]
  const isStatement = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    'Effect' in value &&
    (value.Effect === 'Allow' || value.Effect === 'Deny') &&
    ('Principal' in value || 'NotPrincipal' in value) &&
    ('Action' in value || 'NotAction' in value) &&
    ('Resource' in value || 'NotResource' in value)
  if (statements.length === 0 || !statements.every(isStatement)) {
    throw new S3Error('MalformedPolicy', { message: 'Missing required field in the policy' })
  }
  return text
}

/**
 * A bucket policy is kept and given back, and changes nothing: the root key may do everything, nobody else anything.
 * So a policy here neither opens nor closes a door.
 */
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
      const policy = checkPolicy(await readDocument(context, MAX_POLICY_BYTES))
      await store.index.write(() => {
        store.buckets.putSetting(refreshBucket(store, bucket).id, 'policy', policy)
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
]
