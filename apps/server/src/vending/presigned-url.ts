import type { PresignedUrl, PresignRequest } from '@skycrate/contract/objects/schemas'
import type { Action } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { type Gate, type ObjectAction, type Passage, type Prepared, requireKey, type Wish } from '../access/gate.ts'
import { AppError } from '../errors/app-error.ts'
import { expiryOf } from '@skycrate/core/sigv4/presign'
import type { DeliverySigner } from './delivery.ts'
import type { Signing, UrlSigner } from '../stores/url-signer.ts'
import { classMistake } from '../stores/storage-classes.ts'
import { attachment } from './content-disposition.ts'
import type { Meter } from '../quotas/meter.ts'
import { lifetimeEnd, lifetimeOf } from './lifetime.ts'

/** What each operation needs, does at S3, and is called in the audit log. */
const OPERATIONS = {
  get: { action: 'read', method: 'GET', auditAs: 'object.get' },
  head: { action: 'read', method: 'HEAD', auditAs: 'object.head' },
  put: { action: 'write', method: 'PUT', auditAs: 'object.put' },
  delete: { action: 'delete', method: 'DELETE', auditAs: 'object.delete' },
} as const satisfies Record<PresignRequest['operation'], { action: Action; method: string; auditAs: ObjectAction }>

export interface PresignedUrls {
  /**
   * The URL ends at the latest with the permission that allows it and with the credentials that sign it.
   * @throws AppError `invalid-key`, `invalid-request`, `forbidden`, `bucket-missing`, `delivery-unsupported`, `audit-unavailable`, `database-unavailable`,
   * `store-unavailable`
   */
  vend(caller: Caller, request: PresignRequest, origin: RequestOrigin): Promise<PresignedUrl>
  /** As `vend` for each, in their order; all events share one commit. @throws AppError as `Gate.vendEach` */
  vendEach(
    caller: Caller,
    requests: readonly PresignRequest[],
    origin: RequestOrigin,
  ): Promise<PromiseSettledResult<PresignedUrl>[]>
}

export function createPresignedUrls(options: {
  readonly gate: Gate
  readonly meter: Meter
  readonly signerOf: (store: StoreId) => UrlSigner
  readonly delivery: DeliverySigner
  readonly now: () => number
  /** Of the store; STANDARD alone when absent. */
  readonly storageClasses?: readonly string[]
}): PresignedUrls {
  const { gate, meter, signerOf, delivery, now, storageClasses = ['STANDARD'] } = options
  /** Most URLs of a batch, and of a second, end at the same time. */
  let said = { end: 0, detail: { expiresAt: '' } }
  const endingAt = (end: number): { readonly expiresAt: string } => {
    if (said.end !== end) said = { end, detail: { expiresAt: new Date(end).toISOString() } }
    return said.detail
  }

  /** @throws AppError `invalid-key`, `invalid-request` */
  function wishOf(request: PresignRequest): Wish<PresignedUrl> {
    checkFields(request, storageClasses)
    const key = requireKey(request.key)
    const { action, method, auditAs } = OPERATIONS[request.operation]
    const { bucket } = request
    const operation = { action, store: DEFAULT_STORE, bucket, key }
    const headers = signedHeaders(request)
    const query = signedQuery(request)
    const prepareWith = ({ presigner, endsAt }: Signing, passage: Passage): Prepared<PresignedUrl> => {
      const time = now()
      const expiresIn = lifetimeOf(request.expiresIn, Math.min(passage.expiresAt, endsAt), time)
      const ending = endingAt(expiryOf(time, expiresIn))
      const { expiresAt } = ending
      return {
        detail: detailOf(request, ending),
        release() {
          const signed = presigner.presign({
            method,
            bucket,
            key,
            expiresIn,
            now: time,
            ...(headers && { headers }),
            ...(query && { query }),
          })
          return { url: signed.url, method, headers: signed.headers, expiresAt }
        },
      }
    }
    if (request.via === 'cdn') {
      const prepare = (passage: Passage): Prepared<PresignedUrl> => {
        const signs = delivery.signerOf(operation.store, bucket)
        const time = now()
        const end = expiryOf(time, lifetimeOf(request.expiresIn, passage.expiresAt, time))
        const expiresAt = new Date(end).toISOString()
        return {
          detail: { ...detailOf(request, { expiresAt }), via: 'cdn' },
          release: () => ({ url: signs.url(key, end, query), method, headers: {}, expiresAt }),
        }
      }
      return { operation, auditAs, prepare }
    }
    const prepareMetered = async (passage: Passage): Promise<Prepared<PresignedUrl>> => {
      let until = lifetimeEnd(request.expiresIn, passage.expiresAt, now())
      if (action === 'write') until = await meter.reserve(operation, request.contentLength, until)
      else await meter.watch(operation, until)
      return prepareWith(await signerOf(operation.store).signingFor(bucket), { ...passage, expiresAt: until })
    }
    const prepare: Wish<PresignedUrl>['prepare'] = (passage) => {
      if (action !== 'read' && meter.isOn()) return prepareMetered(passage)
      const signing = signerOf(operation.store).signingFor(bucket)
      return signing instanceof Promise
        ? signing.then((signer) => prepareWith(signer, passage))
        : prepareWith(signing, passage)
    }
    return { operation, auditAs, prepare }
  }

  return {
    async vend(caller, request, origin) {
      const { operation, auditAs, prepare } = wishOf(request)
      return gate.vend(caller, operation, auditAs, origin, prepare)
    },

    async vendEach(caller, requests, origin) {
      const results: PromiseSettledResult<PresignedUrl>[] = []
      const wishes: Wish<PresignedUrl>[] = []
      const places: number[] = []
      for (const [place, request] of requests.entries()) {
        try {
          wishes.push(wishOf(request))
          places.push(place)
        } catch (reason) {
          results[place] = { status: 'rejected', reason }
        }
      }
      const vended = await gate.vendEach(caller, wishes, origin)
      for (const [index, place] of places.entries()) results[place] = vended[index]!
      return results
    },
  }
}

function detailOf(
  { contentType, contentLength, checksumSha256, versionId, storageClass }: PresignRequest,
  ending: { readonly expiresAt: string },
) {
  if ((contentType ?? contentLength ?? checksumSha256 ?? versionId ?? storageClass) === undefined) return ending
  return {
    ...ending,
    ...(contentType !== undefined && { contentType }),
    ...(contentLength !== undefined && { contentLength }),
    ...(checksumSha256 !== undefined && { checksumSha256 }),
    ...(versionId !== undefined && { versionId }),
    ...(storageClass !== undefined && { storageClass }),
  }
}

function checkFields(request: PresignRequest, storageClasses: readonly string[]): void {
  const errors: { path: string; message: string }[] = []
  if (request.operation !== 'put') {
    if (request.contentType !== undefined) errors.push({ path: '/contentType', message: 'is only for put' })
    if (request.contentLength !== undefined) errors.push({ path: '/contentLength', message: 'is only for put' })
    if (request.checksumSha256 !== undefined) errors.push({ path: '/checksumSha256', message: 'is only for put' })
    if (request.ifNoneMatch !== undefined) errors.push({ path: '/ifNoneMatch', message: 'is only for put' })
    if (request.storageClass !== undefined) errors.push({ path: '/storageClass', message: 'is only for put' })
  }
  const mistake = request.storageClass && classMistake(request.storageClass, storageClasses)
  if (mistake) errors.push({ path: '/storageClass', message: mistake })
  if (request.operation !== 'get' && request.downloadAs !== undefined) {
    errors.push({ path: '/downloadAs', message: 'is only for get' })
  }
  if (request.versionId !== undefined && request.operation !== 'get' && request.operation !== 'head') {
    errors.push({ path: '/versionId', message: 'is only for get and head' })
  }
  if (request.via === 'cdn') {
    if (request.operation !== 'get' && request.operation !== 'head') {
      errors.push({ path: '/via', message: 'is cdn only for get and head' })
    }
    // A distribution serves the latest version alone, from its cache.
    if (request.versionId !== undefined) errors.push({ path: '/versionId', message: 'is not for the cdn' })
  }
  if (request.downloadAs !== undefined && !request.downloadAs.isWellFormed()) {
    errors.push({ path: '/downloadAs', message: 'is not well-formed Unicode' })
  }
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}

function signedHeaders(request: PresignRequest): Record<string, string> | undefined {
  const { contentType, contentLength, checksumSha256, ifNoneMatch, storageClass } = request
  if ((contentType ?? contentLength ?? checksumSha256 ?? ifNoneMatch ?? storageClass) === undefined) return undefined
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(contentLength === undefined ? {} : { 'content-length': String(contentLength) }),
    ...(checksumSha256 === undefined ? {} : { 'x-amz-checksum-sha256': checksumSha256 }),
    ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
    ...(storageClass === undefined ? {} : { 'x-amz-storage-class': storageClass }),
  }
}

function signedQuery({ downloadAs, versionId }: PresignRequest): Record<string, string> | undefined {
  if (downloadAs === undefined && versionId === undefined) return undefined
  return {
    ...(downloadAs === undefined ? {} : { 'response-content-disposition': attachment(downloadAs) }),
    ...(versionId === undefined ? {} : { versionId }),
  }
}
