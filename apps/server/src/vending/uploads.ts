import type {
  Completed,
  Completion,
  Confirmation,
  Confirmed,
  NewUpload,
  PartsRequest,
  SignedParts,
  Upload,
  UploadedParts,
} from '@skycrate/contract/uploads/schemas'
import type { Caller } from '@skycrate/core/access/permission'
import type { UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { type Gate, type ObjectAction, requireKey } from '../access/gate.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { Meter } from '../quotas/meter.ts'
import type { MultipartStore, UploadResult } from '../stores/multipart-store.ts'
import { expiryOf } from '@skycrate/core/sigv4/presign'
import type { UrlSigner } from '../stores/url-signer.ts'
import { classMistake } from '../stores/storage-classes.ts'
import { lifetimeOf } from './lifetime.ts'
import { partSizeOf, sizeOfPart } from './part-size.ts'
import type { UploadToken, UploadTokens } from './upload-token.ts'

/** Milliseconds after which the store's lifecycle rule deletes an upload that is not complete. */
const UPLOAD_LIFETIME_MS = 7 * 24 * 3_600_000

type Person = Extract<Caller, { readonly userId: UserId }>

interface UploadRequest {
  readonly bucket: string
  readonly key: string
  readonly uploadId: string
}

/**
 * Multipart uploads: the parts travel between the client and the store. Every step is decided on and recorded, and an
 * upload belongs to the user who started it. All throw AppError `invalid-key`, `forbidden`, `bucket-missing`,
 * `upload-missing`, `store-unavailable`, `store-refused`, `audit-unavailable`, `database-unavailable`.
 */
export interface Uploads {
  create(caller: Person, request: NewUpload, origin: RequestOrigin): Promise<Upload>
  /** @throws AppError `invalid-request` for a part that the file does not have */
  signParts(caller: Person, request: PartsRequest, origin: RequestOrigin): Promise<SignedParts>
  parts(caller: Person, request: UploadRequest, origin: RequestOrigin): Promise<UploadedParts>
  /** @throws AppError `invalid-request` for parts that the store does not have; `precondition-failed` */
  complete(caller: Person, request: Completion, origin: RequestOrigin): Promise<Completed>
  /**
   * Looks at the store for what was uploaded by any way, and records it.
   * @throws AppError `not-found`; `precondition-failed` where it is not what the caller says
   */
  confirm(caller: Person, request: Confirmation, origin: RequestOrigin): Promise<Confirmed>
  abort(caller: Person, request: UploadRequest, origin: RequestOrigin): Promise<void>
}

export function createUploads(options: {
  readonly gate: Gate
  readonly meter: Meter
  readonly storeOf: (id: StoreId) => MultipartStore
  readonly signerOf: (id: StoreId) => UrlSigner
  readonly tokens: UploadTokens
  readonly now: () => number
  /** Of the store; STANDARD alone when absent. */
  readonly storageClasses?: readonly string[]
}): Uploads {
  const { gate, meter, storeOf, signerOf, tokens, now, storageClasses = ['STANDARD'] } = options
  const store = DEFAULT_STORE

  /** Somebody else's upload, another key's and one that never was are one answer. */
  function requireToken({ userId }: Person, { bucket, key, uploadId }: UploadRequest): UploadToken {
    const token = tokens.read(uploadId, { userId, store, bucket, key })
    if (token === undefined) throw new AppError('upload-missing', NO_UPLOAD)
    return token
  }

  /** Decides and records one step at the store; what comes to nothing there is recorded as an error. */
  function step<T>(
    caller: Person,
    { bucket, key }: { readonly bucket: string; readonly key: string },
    auditAs: ObjectAction,
    origin: RequestOrigin,
    work: () => Promise<UploadResult<T>>,
  ): Promise<T> {
    const operation = { action: 'write', store, bucket, key: requireKey(key) } as const
    return gate.vend(caller, operation, auditAs, origin, async () => {
      const result = await work()
      if (!result.ok) throw failure(result.reason, bucket)
      return { release: () => result.value, detail: {} }
    })
  }

  return {
    async create(caller, request, origin) {
      const { bucket, contentType, size, storageClass } = request
      const mistake = storageClass && classMistake(storageClass, storageClasses)
      if (mistake) {
        throw new AppError('invalid-request', undefined, { errors: [{ path: '/storageClass', message: mistake }] })
      }
      const key = requireKey(request.key)
      const operation = { action: 'write', store, bucket, key } as const
      return gate.vend(caller, operation, 'upload.create', origin, async (passage) => {
        if (meter.isOn()) await meter.hold(operation, size, Math.min(now() + UPLOAD_LIFETIME_MS, passage.expiresAt))
        const result = await storeOf(store).createUpload(bucket, key, contentType, storageClass)
        if (!result.ok) throw bucketMissing(bucket)
        const uploadId = tokens.write({ uploadId: result.value, size }, { userId: caller.userId, store, bucket, key })
        const expiresAt = new Date(Math.min(now() + UPLOAD_LIFETIME_MS, passage.expiresAt)).toISOString()
        return {
          release: () => ({ uploadId, partSize: partSizeOf(size), expiresAt }),
          detail: {
            expiresAt,
            contentLength: size,
            ...(contentType !== undefined && { contentType }),
            ...(storageClass !== undefined && { storageClass }),
          },
        }
      })
    },

    async signParts(caller, request, origin) {
      const { bucket, partNumbers } = request
      const key = requireKey(request.key)
      const { uploadId, size } = requireToken(caller, request)
      const sizes = partNumbers.map((partNumber) => sizeOfPart(size, partNumber))
      const wrong = sizes.indexOf(undefined)
      if (wrong !== -1) {
        throw new AppError('invalid-request', undefined, {
          errors: [{ path: `/partNumbers/${wrong}`, message: 'is beyond the end of the file' }],
        })
      }
      const operation = { action: 'write', store, bucket, key } as const
      return gate.vend(caller, operation, 'upload.sign-parts', origin, async (passage) => {
        const { presigner, endsAt } = await signerOf(store).signingFor(bucket)
        const time = now()
        const expiresIn = lifetimeOf(request.expiresIn, Math.min(passage.expiresAt, endsAt), time)
        const expiresAt = new Date(expiryOf(time, expiresIn)).toISOString()
        const sign = (partNumber: number, at: number) => {
          const { url, headers } = presigner.presign({
            method: 'PUT',
            bucket,
            key,
            expiresIn,
            now: time,
            headers: { 'content-length': String(sizes[at]) },
            query: { partNumber: String(partNumber), uploadId },
          })
          return { partNumber, url, headers }
        }
        return {
          release: () => ({ parts: partNumbers.map(sign), expiresAt }),
          detail: { expiresAt, partNumbers },
        }
      })
    },

    async parts(caller, request, origin) {
      const { bucket, key } = request
      const { uploadId, size } = requireToken(caller, request)
      const parts = await step(caller, request, 'upload.list-parts', origin, () =>
        storeOf(store).listParts(bucket, key, uploadId),
      )
      return { parts, partSize: partSizeOf(size) }
    },

    async complete(caller, request, origin) {
      const { bucket, key } = request
      const { uploadId } = requireToken(caller, request)
      const parts = request.parts.toSorted((a, b) => a.partNumber - b.partNumber)
      const ifAbsent = request.ifNoneMatch === '*'
      const { etag, versionId } = await step(caller, request, 'upload.complete', origin, async () => {
        // It was reserved for; the quota may have been lowered since.
        await meter.requireWithin({ store, bucket, key })
        return storeOf(store).completeUpload({ bucket, key, uploadId, parts, ifAbsent })
      })
      await meter.settle({ store, bucket, key })
      return { etag, ...(versionId !== undefined && { versionId }) }
    },

    async confirm(caller, { bucket, size, checksumSha256, ...place }, origin) {
      const key = requireKey(place.key)
      const operation = { action: 'write', store, bucket, key } as const
      return gate.vend(caller, operation, 'upload.confirm', origin, async () => {
        const found = await storeOf(store).uploadedObject(bucket, key)
        if (found === undefined) throw new AppError('not-found', 'The store has no object with this key.')
        // Who may write need not be told what others have written.
        if (found.size !== size) throw new AppError('precondition-failed', 'The object has another size.')
        if (checksumSha256 !== undefined && found.checksumSha256 !== checksumSha256) {
          throw new AppError('precondition-failed', 'The store does not have this SHA-256 of the object.')
        }
        const { etag, versionId = null, lastModified } = found
        return {
          release: () => ({ etag, versionId, lastModified: lastModified.toISOString() }),
          detail: {
            contentLength: size,
            ...(checksumSha256 !== undefined && { checksumSha256 }),
            ...(versionId !== null && { versionId }),
          },
        }
      })
    },

    async abort(caller, request, origin) {
      const { bucket, key } = request
      const { uploadId } = requireToken(caller, request)
      await step(caller, request, 'upload.abort', origin, () => storeOf(store).abortUpload(bucket, key, uploadId))
      await meter.settle({ store, bucket, key })
    },
  }
}

const NO_UPLOAD = 'You have no such upload to this key. It may have been completed, aborted or deleted after 7 days.'

function failure(reason: Exclude<UploadResult<never>, { ok: true }>['reason'], bucket: string): AppError {
  switch (reason) {
    case 'no-such-bucket':
      return bucketMissing(bucket)
    case 'no-such-upload':
      return new AppError('upload-missing', NO_UPLOAD)
    case 'exists':
      return new AppError('precondition-failed', 'An object with this key exists already.')
    case 'invalid-parts':
      return new AppError('invalid-request', undefined, {
        errors: [{ path: '/parts', message: 'do not match the parts that the store has' }],
      })
  }
}
