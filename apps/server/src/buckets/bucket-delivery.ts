import type { Delivery } from '@skycrate/contract/delivery/schemas'
import { isTrustworthy } from '@skycrate/issuer-keys/trustworthy-url'
import { AppError } from '../errors/app-error.ts'
import type { BucketRecord } from './bucket-records.ts'

/** What a bucket's delivery is held to. */
export interface DeliveryRules {
  /** Of the keys that this process can sign with. */
  readonly keyIds: readonly string[]
  readonly publicUrl: string
  readonly allowInsecureLoopback: boolean
}

export function deliveryOf({
  deliveryUrl: url,
  deliveryKeyId: keyId,
  deliveryCookieDomain: cookieDomain,
}: Pick<BucketRecord, 'deliveryUrl' | 'deliveryKeyId' | 'deliveryCookieDomain'>): Delivery | null {
  return url === null || keyId === null ? null : { url, keyId, cookieDomain }
}

const NONE: DeliveryRules = { keyIds: [], publicUrl: 'http://localhost', allowInsecureLoopback: false }

/** @throws AppError `invalid-request` */
export function checkDelivery({ url, keyId, cookieDomain }: Delivery, rules = NONE): void {
  const errors: { path: string; message: string }[] = []
  const add = (path: string, message: string): void => void errors.push({ path: `/delivery/${path}`, message })
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || parsed.origin !== url || !isTrustworthy(url, rules.allowInsecureLoopback)) {
    add('url', 'must be https:// and a host name, such as https://d111111abcdef8.cloudfront.net')
  } else if (url === rules.publicUrl) {
    add('url', 'must not be the origin of SkyCrate itself: uploaded pages would run as part of the web app')
  }
  if (!rules.keyIds.includes(keyId)) add('keyId', 'is no key of SKYCRATE_CDN_KEYS')
  if (cookieDomain !== null) {
    const hosts = [parsed?.hostname ?? '', new URL(rules.publicUrl).hostname]
    if (!hosts.every((host) => host === cookieDomain || host.endsWith(`.${cookieDomain}`))) {
      add('cookieDomain', 'must be a domain of both the host of url and the host of SkyCrate')
    }
  }
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}
