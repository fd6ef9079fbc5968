import type { HeaderReader } from '../http/header-reader.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import { hasCustomerKey, readCustomerKey } from './customer-key.ts'
import type { CustomerKey } from './customer-key.ts'
import { findDefaultEncryption, isKeyId } from './default-encryption.ts'
import type { DefaultEncryption } from './default-encryption.ts'

/** How a write shall be encrypted. */
export type EncryptionWish =
  | { readonly kind: 'none' }
  | { readonly kind: 'AES256' }
  | {
      readonly kind: 'aws:kms'
      /** Undefined: the store's own key. */
      readonly keyId: string | undefined
      /** What the client binds the key to. */
      readonly context: Readonly<Record<string, string>>
      /** The context as it was sent, for the answer. */
      readonly contextHeader: string | undefined
      readonly bucketKey: boolean
    }
  | { readonly kind: 'customer'; readonly customerKey: CustomerKey }

const SSE = 'x-amz-server-side-encryption'
const KEY_ID = `${SSE}-aws-kms-key-id`
const CONTEXT = `${SSE}-context`
const BUCKET_KEY = `${SSE}-bucket-key-enabled`
const MAX_CONTEXT = 4096

const invalid = (message: string, name: string, value: string): S3Error =>
  new S3Error('InvalidArgument', { message, fields: { ArgumentName: name, ArgumentValue: value } })

/** @throws S3Error InvalidArgument */
const readContext = (header: string | undefined): Record<string, string> => {
  if (header === undefined) return {}
  const refused = invalid(
    `The header '${CONTEXT}' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`,
    CONTEXT,
    header,
  )
  // Strictly base64, since it goes back in a header, and may have come in a form.
  if (header.length > MAX_CONTEXT || !/^[A-Za-z0-9+/]+={0,2}$/.test(header)) throw refused
  let context: unknown
  try {
    context = JSON.parse(Buffer.from(header, 'base64').toString())
  } catch {
    throw refused
  }
  if (typeof context !== 'object' || context === null || Array.isArray(context)) throw refused
  const pairs = Object.entries(context)
  // What S3 adds itself can't be claimed.
  if (pairs.some(([name, value]) => typeof value !== 'string' || name === 'aws:s3:arn')) throw refused
  return Object.fromEntries(pairs) as Record<string, string>
}

const readBucketKey = (headers: HeaderReader, byDefault: DefaultEncryption | undefined): boolean => {
  const text = headers.get(BUCKET_KEY)
  if (text === undefined) return byDefault?.bucketKey ?? false
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  throw invalid('The value must be true or false.', BUCKET_KEY, text)
}

const readKmsWish = (headers: HeaderReader, byDefault: DefaultEncryption | undefined): EncryptionWish => {
  const keyId = headers.get(KEY_ID)
  if (keyId !== undefined && !isKeyId(keyId)) throw invalid('Invalid keyId', KEY_ID, '')
  const contextHeader = headers.get(CONTEXT)
  return {
    kind: 'aws:kms',
    keyId,
    context: readContext(contextHeader),
    contextHeader,
    bucketKey: readBucketKey(headers, byDefault),
  }
}

/** @throws S3Error AccessDenied where the bucket takes none of those */
const readCustomerWish = (
  headers: HeaderReader,
  asked: string | undefined,
  byDefault: DefaultEncryption | undefined,
): EncryptionWish => {
  if (asked !== undefined) {
    throw invalid(
      'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
      SSE,
      asked,
    )
  }
  if (byDefault?.blocked?.includes('SSE-C') === true) {
    throw new S3Error('AccessDenied', {
      message: 'The bucket does not allow Server Side Encryption with Customer provided keys.',
    })
  }
  const customerKey = readCustomerKey(headers)
  return customerKey === undefined ? { kind: 'none' } : { kind: 'customer', customerKey }
}

/**
 * By the request's own headers, else by the bucket's default.
 *
 * @throws S3Error InvalidArgument and its kin for headers that don't go together, and NotImplemented for dsse
 */
export const readEncryptionWish = ({ site, request }: RequestContext, bucket: Bucket): EncryptionWish => {
  const { headers } = request
  const asked = headers.get(SSE)
  const byDefault = findDefaultEncryption(site.store, bucket)
  if (hasCustomerKey(headers, 'x-amz-')) return readCustomerWish(headers, asked, byDefault)
  if (asked === 'aws:kms') return readKmsWish(headers, byDefault)
  if (asked === 'aws:kms:dsse') {
    throw new S3Error('NotImplemented', { message: 'aws:kms:dsse is not implemented.' })
  }
  if (asked !== undefined && asked !== 'AES256') {
    throw invalid('The encryption method specified is not supported', SSE, asked)
  }
  const kmsOnly = [KEY_ID, CONTEXT].find((name) => headers.has(name))
  if (kmsOnly !== undefined) {
    throw invalid(
      `Server Side Encryption with AWS KMS managed key requires HTTP header ${SSE} : aws:kms`,
      SSE,
      asked ?? 'null',
    )
  }
  if (asked === 'AES256') return { kind: 'AES256' }
  if (byDefault === undefined) return { kind: 'none' }
  if (byDefault.algorithm === 'AES256') return { kind: 'AES256' }
  return {
    kind: 'aws:kms',
    keyId: byDefault.keyId,
    context: {},
    contextHeader: undefined,
    bucketKey: readBucketKey(headers, byDefault),
  }
}
