import { createHash, randomBytes } from 'node:crypto'
import type { CustomerKeyHeaders } from '../src/encryption/customer-key.ts'

/** A customer's key in every form that a request can bring it. */
export interface TestKey {
  readonly bytes: Buffer
  readonly text: string
  readonly md5: string
  /** For raw requests. */
  readonly headers: Record<string, string>
  readonly sourceHeaders: Record<string, string>
  /** For commands of the SDK. */
  readonly input: { SSECustomerAlgorithm: string; SSECustomerKey: string; SSECustomerKeyMD5: string }
}

const headersOf = (prefix: CustomerKeyHeaders, text: string, md5: string): Record<string, string> => ({
  [`${prefix}server-side-encryption-customer-algorithm`]: 'AES256',
  [`${prefix}server-side-encryption-customer-key`]: text,
  [`${prefix}server-side-encryption-customer-key-md5`]: md5,
})

export const makeTestKey = (): TestKey => {
  const bytes = randomBytes(32)
  const text = bytes.toString('base64')
  const md5 = createHash('md5').update(bytes).digest('base64')
  return {
    bytes,
    text,
    md5,
    headers: headersOf('x-amz-', text, md5),
    sourceHeaders: headersOf('x-amz-copy-source-', text, md5),
    // The SDK hashes the text again unless it is decoded for it; given as it shall be sent.
    input: { SSECustomerAlgorithm: 'AES256', SSECustomerKey: text, SSECustomerKeyMD5: md5 },
  }
}
