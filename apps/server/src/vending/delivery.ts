import type { CookiesRequest, DeliveryCookies } from '@skycrate/contract/delivery/schemas'
import type { Caller } from '@skycrate/core/access/permission'
import { type CloudFrontSigner, createCloudFrontSigner } from '@skycrate/core/cloudfront/sign'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { encodeKey, encodeQuery } from '@skycrate/core/sigv4/encode'
import { expiryOf } from '@skycrate/core/sigv4/presign'
import type { Gate } from '../access/gate.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { CdnKey } from '../config/cdn-keys.ts'
import { AppError } from '../errors/app-error.ts'
import type { BucketDeliveries, BucketDelivery } from '../stores/bucket-deliveries.ts'
import { lifetimeOf } from './lifetime.ts'

/** Signs what a content delivery network serves. */
export interface DeliverySigner {
  /** @throws AppError `delivery-unsupported` where the bucket has no delivery, or this process not its key */
  signerOf(store: StoreId, bucket: string): SignsDelivery
}

export interface SignsDelivery {
  /** @param expiresAt milliseconds since the epoch, a whole second @param query signed, and passed on to the store */
  url(key: string, expiresAt: number, query?: Readonly<Record<string, string>>): string
  cookies(prefix: string, expiresAt: number): Pick<DeliveryCookies, 'url' | 'cookies'>
  readonly cookieDomain: string | null
}

export function createDeliverySigner(options: {
  readonly deliveries: BucketDeliveries
  readonly keys: readonly CdnKey[]
}): DeliverySigner {
  const signers = new Map(options.keys.map((key) => [key.id, createCloudFrontSigner(key)]))
  return {
    signerOf(store, bucket) {
      const delivery = options.deliveries.deliveryOf(store, bucket)
      if (delivery === undefined) {
        throw new AppError('delivery-unsupported', `No content delivery network is named for the bucket ${bucket}.`)
      }
      const signer = signers.get(delivery.keyId)
      if (signer === undefined) {
        throw new AppError('delivery-unsupported', 'The operator has to add its key to SKYCRATE_CDN_KEYS.')
      }
      return signsFor(delivery, signer)
    },
  }
}

function signsFor({ url: origin, cookieDomain }: BucketDelivery, signer: CloudFrontSigner): SignsDelivery {
  return {
    cookieDomain,
    url(key, expiresAt, query = {}) {
      const search = Object.entries(query).map(([name, value]) => `${encodeQuery(name)}=${encodeQuery(value)}`)
      const url = `${origin}/${encodeKey(key)}${search.length === 0 ? '' : `?${search.join('&')}`}`
      return signer.url(url, { expiresAt: expiresAt / 1000 })
    },
    cookies(prefix, expiresAt) {
      const url = `${origin}/${encodeKey(prefix)}`
      return { url, cookies: { ...signer.cookies(url, { expiresAt: expiresAt / 1000 }) } }
    },
  }
}

export interface Deliveries {
  /**
   * Cookies for everything in a folder, as long as its permission holds at most.
   * @throws AppError `invalid-key`, `forbidden`, `bucket-missing`, `delivery-unsupported`, `audit-unavailable`
   */
  cookies(caller: Caller, request: CookiesRequest, origin: RequestOrigin): Promise<DeliveryCookies>
}

export function createDeliveries(options: {
  readonly gate: Gate
  readonly signer: DeliverySigner
  readonly now: () => number
}): Deliveries {
  const { gate, signer, now } = options
  return {
    async cookies(caller, { bucket, prefix: text, expiresIn }, origin) {
      const verdict = parsePrefix(text)
      if (!verdict.ok)
        throw new AppError('invalid-key', 'A prefix is empty, or a key that ends in / and has no empty part.')
      const { prefix } = verdict
      const operation = { action: 'read', store: DEFAULT_STORE, bucket, key: prefix } as const
      return gate.vend(caller, operation, 'delivery.create-cookies', origin, (passage) => {
        const signs = signer.signerOf(operation.store, bucket)
        const time = now()
        const end = expiryOf(time, lifetimeOf(expiresIn, passage.expiresAt, time))
        const expiresAt = new Date(end).toISOString()
        return {
          detail: { expiresAt, via: 'cdn' },
          release: () => ({ ...signs.cookies(prefix, end), domain: signs.cookieDomain, expiresAt }),
        }
      })
    },
  }
}
