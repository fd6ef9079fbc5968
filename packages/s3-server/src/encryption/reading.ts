import { openFileKey } from '../file-keys/file-key.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { UnwrapKey } from '../store/blobs/blob-store.ts'
import type { KeyRing } from '../store/keys/key-ring.ts'
import type { ObjectVersion } from '../store/tables/object-version.ts'
import { openCustomerKey, openManagedKey, readKeySeal } from '../store/keys/wrapped-key.ts'
import { isCustomerKey, readCustomerKey } from './customer-key.ts'
import type { CustomerKey, CustomerKeyHeaders } from './customer-key.ts'
import { encryptionHeaders } from './encryption-headers.ts'

/** What it takes to read a version. */
export interface Reading {
  /** Undefined: the key file's own key, or none. */
  readonly unwrap: UnwrapKey | undefined
  /** What the answer tells of the encryption. */
  readonly headers: Readonly<Record<string, string>>
}

const managedUnwrap =
  (keys: KeyRing): UnwrapKey =>
  (wrapped, id) => {
    const seal = readKeySeal(wrapped)
    if (seal.kind !== 'managed') throw new Error(`The data key of blob ${id} is sealed otherwise.`)
    return openManagedKey(wrapped, id, openFileKey(keys, seal.key))
  }

/**
 * Checks that a request brings the key of a version, or none when it has none.
 *
 * @throws S3Error InvalidRequest when it is missing or not wanted, AccessDenied for another key
 */
const checkCustomerKey = (
  { request }: RequestContext,
  { encryption }: ObjectVersion,
  prefix: CustomerKeyHeaders,
): CustomerKey | undefined => {
  const customerKey = readCustomerKey(request.headers, prefix)
  if (encryption?.kind !== 'customer') {
    if (customerKey === undefined) return undefined
    throw new S3Error('InvalidRequest', { message: 'The encryption parameters are not applicable to this object.' })
  }
  if (customerKey === undefined) {
    throw new S3Error('InvalidRequest', {
      message:
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    })
  }
  if (isCustomerKey(encryption, customerKey)) return customerKey
  throw new S3Error('AccessDenied', {
    message:
      'Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.',
  })
}

/**
 * Gets ready what a read of a version needs.
 *
 * @throws S3Error of `checkCustomerKey`, and InvalidArgument for headers that only writes have
 */
export const prepareReading = (
  context: RequestContext,
  version: ObjectVersion,
  prefix: CustomerKeyHeaders = 'x-amz-',
): Reading => {
  const { headers } = context.request
  const asked = headers.get('x-amz-server-side-encryption')
  if (prefix === 'x-amz-' && asked !== undefined) {
    throw new S3Error('InvalidArgument', {
      message: 'x-amz-server-side-encryption header is not supported for this operation.',
      fields: { ArgumentName: 'x-amz-server-side-encryption', ArgumentValue: asked },
    })
  }
  const customerKey = checkCustomerKey(context, version, prefix)
  const { encryption } = version
  const told = encryptionHeaders(encryption, customerKey)
  switch (encryption?.kind) {
    case undefined:
    case 'AES256':
      return { unwrap: undefined, headers: told }
    case 'customer':
      return {
        unwrap: (wrapped, id) => openCustomerKey(wrapped, id, customerKey?.key ?? Buffer.alloc(0)),
        headers: told,
      }
    case 'aws:kms':
      return { unwrap: managedUnwrap(context.site.store.keys), headers: told }
  }
}
