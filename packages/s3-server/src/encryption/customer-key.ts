import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { HeaderReader } from '../http/header-reader.ts'
import { S3Error } from '../s3-error.ts'
import type { CustomerEncryption } from '../store/keys/encryption.ts'
import { KEY_BYTES } from '../store/keys/wrapped-key.ts'

/** A key that came with a request, and goes with it. */
export interface CustomerKey {
  readonly key: Buffer
  /** As the client sent it, in base64; true. */
  readonly md5: string
}

const CUSTOMER = 'server-side-encryption-customer-'
/** The three headers of a key: that of the object itself, or of a copy's source. */
export type CustomerKeyHeaders = 'x-amz-' | 'x-amz-copy-source-'

const invalid = (message: string, name: string, value: string): S3Error =>
  new S3Error('InvalidArgument', { message, fields: { ArgumentName: name, ArgumentValue: value } })

/** Whether a request says anything of a customer's key. */
export const hasCustomerKey = (headers: HeaderReader, prefix: CustomerKeyHeaders): boolean =>
  ['algorithm', 'key', 'key-md5'].some((name) => headers.has(`${prefix}${CUSTOMER}${name}`))

/**
 * The customer's key of a request; undefined when it has none.
 *
 * @throws S3Error InvalidArgument or InvalidEncryptionAlgorithmError
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
 */
export const readCustomerKey = (
  headers: HeaderReader,
  prefix: CustomerKeyHeaders = 'x-amz-',
): CustomerKey | undefined => {
  if (!hasCustomerKey(headers, prefix)) return undefined
  const names = {
    algorithm: `${prefix}${CUSTOMER}algorithm`,
    key: `${prefix}${CUSTOMER}key`,
    md5: `${prefix}${CUSTOMER}key-md5`,
  }
  const algorithm = headers.get(names.algorithm)
  const text = headers.get(names.key)
  const md5 = headers.get(names.md5)
  const needs = 'Requests specifying Server Side Encryption with Customer provided keys must provide'
  if (algorithm === undefined || algorithm === '') {
    throw invalid(`${needs} a valid encryption algorithm.`, names.algorithm, 'null')
  }
  if (algorithm !== 'AES256') {
    throw new S3Error('InvalidEncryptionAlgorithmError', {
      message: 'The Encryption request you specified is not valid. Supported value: AES256.',
      fields: { ArgumentName: names.algorithm, ArgumentValue: algorithm },
    })
  }
  if (text === undefined || text === '') throw invalid(`${needs} an appropriate secret key.`, names.key, 'null')
  if (md5 === undefined || md5 === '') {
    throw invalid(`${needs} the client calculated MD5 of the secret key.`, names.md5, 'null')
  }
  const key = Buffer.from(text, 'base64')
  // Never in an answer: it may be a key with a mistake in it.
  if (key.length !== KEY_BYTES || key.toString('base64') !== text) {
    throw invalid('The secret key was invalid for the specified algorithm.', names.key, 'null')
  }
  if (createHash('md5').update(key).digest('base64') !== md5) {
    throw invalid('The calculated MD5 hash of the key did not match the hash that was provided.', names.md5, md5)
  }
  return { key, md5 }
}

const proofOf = (key: Buffer, salt: string): Buffer =>
  createHmac('sha256', key).update('proof of a customer key').update(Buffer.from(salt, 'hex')).digest()

/** What is kept of a customer's key. */
export const proveCustomerKey = ({ key }: CustomerKey): CustomerEncryption => {
  const salt = randomBytes(16).toString('hex')
  return { kind: 'customer', salt, proof: proofOf(key, salt).toString('hex') }
}

/** Whether a key is the one that was proved. */
export const isCustomerKey = ({ salt, proof }: CustomerEncryption, { key }: CustomerKey): boolean =>
  timingSafeEqual(proofOf(key, salt), Buffer.from(proof, 'hex'))
