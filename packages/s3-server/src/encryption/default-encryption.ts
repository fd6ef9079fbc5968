import type { Bucket } from '../store/tables/bucket-table.ts'
import type { Store } from '../store/store.ts'

/** How a bucket encrypts what asks for nothing else. */
export interface DefaultEncryption {
  readonly algorithm: 'AES256' | 'aws:kms'
  /** Absent: the store's own key. */
  readonly keyId?: string
  readonly bucketKey?: boolean
  /** What writes may not ask for. */
  readonly blocked?: readonly 'SSE-C'[]
}

/** Whether a text can be the id, the name, the alias or the ARN of a key. */
export const isKeyId = (text: string): boolean => /^[\x21-\x7e]{1,2048}$/.test(text)

/** Undefined for a bucket that has none. */
export const findDefaultEncryption = ({ buckets }: Store, bucket: Bucket): DefaultEncryption | undefined => {
  const document = buckets.setting(bucket.id, 'encryption')
  return document === undefined ? undefined : (JSON.parse(document) as DefaultEncryption)
}
