import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import type { ObjectDescription } from './object-description.ts'

/** The things of a version, its bytes apart, that a store may not be able to keep. */
export const ATTRIBUTES = [
  'headers',
  'metadata',
  'tags',
  'storage class',
  'encryption',
  'retention',
  'legal hold',
  'checksum',
  'etag',
] as const
export type Attribute = (typeof ATTRIBUTES)[number]

type Input = Omit<PutObjectCommandInput, 'Bucket' | 'Key' | 'Body'>

/** The part of a put that asks for one of them. */
export interface AttributeRequest {
  readonly attribute: Attribute
  readonly input: Input
}

/** Metadata and headers without which a put would not be the same object; they are never left out of a request. */
export const fixedInput = ({ headers, metadata }: ObjectDescription): Input => {
  const { Expires, WebsiteRedirectLocation: _redirect, ...others } = headers
  const expires = Expires === undefined ? Number.NaN : Date.parse(Expires)
  return {
    ...others,
    ...(Number.isNaN(expires) ? {} : { Expires: new Date(expires) }),
    ...(Object.keys(metadata).length === 0 ? {} : { Metadata: { ...metadata } }),
  }
}

/** What a put asks for besides, thing by thing, so that a store which refuses one can be asked for the others. */
export const attributeRequests = (description: ObjectDescription, now: Date): AttributeRequest[] => {
  const { headers, storageClass, encryption, retention, hasLegalHold, tags } = description
  const requests: (AttributeRequest | undefined)[] = [
    headers.WebsiteRedirectLocation === undefined
      ? undefined
      : { attribute: 'headers', input: { WebsiteRedirectLocation: headers.WebsiteRedirectLocation } },
    tags.length === 0
      ? undefined
      : {
          attribute: 'tags',
          input: {
            Tagging: tags.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
          },
        },
    storageClass === 'STANDARD'
      ? undefined
      : { attribute: 'storage class', input: { StorageClass: storageClass as NonNullable<Input['StorageClass']> } },
    // A KMS key of the source means nothing to the target: there its bucket's default decides.
    encryption === 'AES256' ? { attribute: 'encryption', input: { ServerSideEncryption: 'AES256' } } : undefined,
    // What has run out can't be asked for, and binds nobody.
    retention === undefined || retention.until <= now
      ? undefined
      : {
          attribute: 'retention',
          input: { ObjectLockMode: retention.mode, ObjectLockRetainUntilDate: retention.until },
        },
    hasLegalHold ? { attribute: 'legal hold', input: { ObjectLockLegalHoldStatus: 'ON' } } : undefined,
  ]
  return requests.filter((request) => request !== undefined)
}

/** Metadata values may have been folded on the way; headers know no spaces at their ends. */
const sameRecord = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => (a[name] ?? '').trim() === (b[name] ?? '').trim())
}

const sameHeaders = (a: ObjectDescription['headers'], b: ObjectDescription['headers']): boolean => {
  const { Expires: expiresA = '', ...othersA } = a
  const { Expires: expiresB = '', ...othersB } = b
  const sameExpiry = expiresA === expiresB || Date.parse(expiresA) === Date.parse(expiresB)
  return sameExpiry && sameRecord(othersA, othersB)
}

const sameRetention = (a: ObjectDescription['retention'], b: ObjectDescription['retention'], now: Date): boolean => {
  const [current, copied] = [a, b].map((each) => (each !== undefined && each.until > now ? each : undefined))
  return current?.mode === copied?.mode && current?.until.getTime() === copied?.until.getTime()
}

/** In what the copy differs from the original, bytes apart. A copy may have more protection: checksums, encryption. */
export const compareAttributes = (source: ObjectDescription, copy: ObjectDescription, now: Date): Attribute[] => {
  const same: Record<Attribute, boolean> = {
    headers: sameHeaders(source.headers, copy.headers),
    metadata: sameRecord(source.metadata, copy.metadata),
    tags: JSON.stringify(source.tags) === JSON.stringify(copy.tags),
    'storage class': source.storageClass === copy.storageClass,
    encryption:
      source.encryption === undefined || source.encryption === copy.encryption || copy.encryption === 'aws:kms',
    retention: sameRetention(source.retention, copy.retention, now),
    'legal hold': source.hasLegalHold === copy.hasLegalHold,
    checksum:
      source.checksum === undefined ||
      (source.checksum.field === copy.checksum?.field && source.checksum.value === copy.checksum.value),
    etag: source.etag === copy.etag,
  }
  return ATTRIBUTES.filter((attribute) => !same[attribute])
}
