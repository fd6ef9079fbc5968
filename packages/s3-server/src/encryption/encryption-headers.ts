import type { Encryption } from '../store/keys/encryption.ts'
import type { CustomerKey } from './customer-key.ts'

const SSE = 'x-amz-server-side-encryption'

/** What answers tell of an encryption. @param customerKey the one that the request brought */
export const encryptionHeaders = (
  encryption: Encryption | undefined,
  customerKey?: CustomerKey,
): Record<string, string> => {
  switch (encryption?.kind) {
    case undefined:
      return {}
    case 'AES256':
      return { [SSE]: 'AES256' }
    case 'aws:kms':
      return {
        [SSE]: 'aws:kms',
        [`${SSE}-aws-kms-key-id`]: encryption.keyId,
        ...(encryption.bucketKey ? { [`${SSE}-bucket-key-enabled`]: 'true' } : {}),
      }
    case 'customer':
      return customerKey === undefined
        ? {}
        : { [`${SSE}-customer-algorithm`]: 'AES256', [`${SSE}-customer-key-MD5`]: customerKey.md5 }
  }
}
