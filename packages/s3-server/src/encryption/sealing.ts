import { createHmac, randomBytes } from 'node:crypto'
import { isOwnKey, makeFileKey, openFileKey } from '../file-keys/file-key.ts'
import type { OpenKey } from '../file-keys/file-key.ts'
import type { RequestContext, Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import type { Encryption } from '../store/keys/encryption.ts'
import type { Upload } from '../store/tables/upload-table.ts'
import { makeCustomerKey, makeManagedKey } from '../store/keys/wrapped-key.ts'
import type { MakeDataKey } from '../store/keys/wrapped-key.ts'
import { isCustomerKey, proveCustomerKey, readCustomerKey } from './customer-key.ts'
import type { CustomerKey } from './customer-key.ts'
import { encryptionHeaders } from './encryption-headers.ts'
import type { EncryptionWish } from './encryption-wish.ts'

/** How one write encrypts. */
export interface Sealing {
  /** What is kept with the version. */
  readonly encryption: Encryption | undefined
  readonly makeKey: MakeDataKey | undefined
  /** Makes tags that tell nothing of the bytes; undefined where they are MD5s. */
  readonly tagKey: Buffer | undefined
  /** What an upload keeps, so that its parts are encrypted the same way. */
  readonly forUpload: Encryption | undefined
  /** What the answer tells of it. */
  readonly headers: Readonly<Record<string, string>>
}

const TAG_KEY_BYTES = 32

/** A part that is sent again, because its answer was lost, gets the same tag. */
const partTagKey = (key: Buffer, { id }: Upload): Buffer =>
  createHmac('sha256', key).update(`tags of upload ${id}`).digest()

const customerSealing = (encryption: Encryption, customerKey: CustomerKey, tagKey: Buffer): Sealing => ({
  encryption,
  tagKey,
  forUpload: encryption,
  makeKey: (id) => makeCustomerKey(id, customerKey.key),
  headers: encryptionHeaders(encryption, customerKey),
})

const NO_SEALING: Sealing = {
  encryption: undefined,
  tagKey: undefined,
  forUpload: undefined,
  makeKey: undefined,
  headers: {},
}

const ringSealing = ({ site }: RequestContext): Sealing => {
  const encryption = { kind: 'AES256' } as const
  return {
    encryption,
    tagKey: undefined,
    forUpload: encryption,
    makeKey: (id) => site.store.keys.makeDataKey(id),
    headers: encryptionHeaders(encryption),
  }
}

/**
 * @param keyId a name, an id, an alias or an ARN; undefined for the store's own key
 * @throws S3Error KMS.NotFoundException
 */
const makeNamedKey = (
  { store: { keys }, ownKeyId }: Site,
  keyId: string | undefined,
  context: Readonly<Record<string, string>>,
): OpenKey => {
  if (keyId === undefined || isOwnKey(keyId)) return makeFileKey(keys, ownKeyId, context)
  const name = keys.findName(keyId)
  if (name !== undefined) return makeFileKey(keys, name, context)
  throw new S3Error('KMS.NotFoundException', {
    message: keyId.startsWith('arn:') ? `Key '${keyId}' does not exist` : `Invalid keyId '${keyId}'`,
  })
}

const arnOf = (bucket: Bucket, key: string, isShared: boolean): string =>
  isShared ? `arn:aws:s3:::${bucket.name}` : `arn:aws:s3:::${bucket.name}/${key}`

/**
 * Gets ready what a write needs to encrypt, before any of its bytes are read.
 *
 * @throws S3Error KMS.NotFoundException
 */
export const prepareSealing = (context: RequestContext, bucket: Bucket, key: string, wish: EncryptionWish): Sealing => {
  switch (wish.kind) {
    case 'none':
      return NO_SEALING
    case 'AES256':
      return ringSealing(context)
    case 'customer':
      return customerSealing(proveCustomerKey(wish.customerKey), wish.customerKey, randomBytes(TAG_KEY_BYTES))
    case 'aws:kms': {
      const bound = { ...wish.context, 'aws:s3:arn': arnOf(bucket, key, wish.bucketKey) }
      const made = makeNamedKey(context.site, wish.keyId, bound)
      const encryption = { kind: 'aws:kms', keyId: made.managed.keyId, bucketKey: wish.bucketKey } as const
      return {
        encryption,
        tagKey: randomBytes(TAG_KEY_BYTES),
        forUpload: { ...encryption, uploadKey: made.managed },
        makeKey: (id) => makeManagedKey(id, made.managed, made.key),
        headers: {
          ...encryptionHeaders(encryption),
          ...(wish.contextHeader === undefined ? {} : { 'x-amz-server-side-encryption-context': wish.contextHeader }),
        },
      }
    }
  }
}

/** What a version keeps: the key that its upload was begun with has done its work. */
export const versionEncryption = (encryption: Encryption | undefined): Encryption | undefined => {
  if (encryption?.kind !== 'aws:kms') return encryption
  const { kind, keyId, bucketKey } = encryption
  return { kind, keyId, bucketKey }
}

/**
 * The key of an upload that a request brings for it.
 *
 * @param isNeeded whether the request can't go without
 * @throws S3Error InvalidRequest when it is missing, not wanted or another one
 */
export const checkUploadKey = (
  { request }: RequestContext,
  { encryption }: Upload,
  isNeeded: boolean,
): CustomerKey | undefined => {
  const customerKey = readCustomerKey(request.headers)
  if (encryption?.kind !== 'customer') {
    if (customerKey === undefined) return undefined
    throw new S3Error('InvalidRequest', { message: 'The encryption parameters are not applicable to this object.' })
  }
  if (customerKey === undefined) {
    if (!isNeeded) return undefined
    throw new S3Error('InvalidRequest', {
      message:
        'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
    })
  }
  if (isCustomerKey(encryption, customerKey)) return customerKey
  throw new S3Error('InvalidRequest', {
    message: 'The provided encryption parameters did not match the ones used originally.',
  })
}

/**
 * As `prepareSealing`, for a part: it is encrypted as its upload was begun.
 *
 * @throws S3Error of `checkUploadKey`; Error when the key file lacks the version of its key
 */
export const resumeSealing = (context: RequestContext, upload: Upload): Sealing => {
  const { encryption } = upload
  const customerKey = checkUploadKey(context, upload, true)
  switch (encryption?.kind) {
    case undefined:
      return NO_SEALING
    case 'AES256':
      return ringSealing(context)
    case 'customer':
      if (customerKey === undefined) throw new Error('checkUploadKey let an upload go without its key')
      return customerSealing(encryption, customerKey, partTagKey(customerKey.key, upload))
    case 'aws:kms': {
      const { uploadKey } = encryption
      if (uploadKey === undefined) throw new Error(`Upload ${upload.id} lacks its key.`)
      const key = openFileKey(context.site.store.keys, uploadKey)
      return {
        encryption,
        tagKey: partTagKey(key, upload),
        forUpload: encryption,
        makeKey: (id) => makeManagedKey(id, uploadKey, key),
        headers: encryptionHeaders(encryption),
      }
    }
  }
}

/**
 * The tag of bytes with this MD5. Where the store's own key does not encrypt them it tells nothing of them, as on S3.
 *
 * @param md5 in hex
 */
export const entityTag = (md5: string, { tagKey }: Sealing): string =>
  tagKey === undefined ? md5 : createHmac('sha256', tagKey).update(md5).digest('hex').slice(0, md5.length)
