import { createAddresser, type Addressing } from './address.ts'
import { formatAmzDate } from './amz-date.ts'
import { ALGORITHM, credentialScope, signText } from './canonical.ts'
import type { Credentials } from './credentials.ts'
import { MAX_EXPIRES_IN } from './presign.ts'
import { deriveSigningKey, type SigningKeyCache } from './signing-key.ts'

/** The fields before the file, by lower-case name. Whoever parses the form refuses a field that comes twice. */
export type PostForm = ReadonlyMap<string, string>

export interface PostPolicyOptions {
  /** `http(s)://host[:port]` */
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
  readonly addressing: Addressing
  readonly bucket: string
  /** One exact key, or a prefix to which the file's own name is added. */
  readonly key: string | { readonly startsWith: string }
  /** Bytes, both inclusive. */
  readonly contentLength?: { readonly min: number; readonly max: number }
  /** With a prefix, the form must add its own `Content-Type` field. */
  readonly contentType?: string | { readonly startsWith: string }
  /** Further fields with exact values, such as `x-amz-meta-…` or `success_action_status`. */
  readonly fields?: Readonly<Record<string, string>>
  /** Whole seconds, 1 to 604,800. */
  readonly expiresIn: number
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly keys?: SigningKeyCache
}

export interface PostPolicyForm {
  readonly url: string
  /** To be sent before the file, which comes last, in a field named `file`. */
  readonly fields: Record<string, string>
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Everything with which a form may upload one object: the way to bound its size and type beforehand.
 *
 * @throws RangeError when `expiresIn` or the length is out of range, a field is given twice, or an exact key holds
 *   `${filename}`, which S3 would replace
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function createPostPolicy(options: PostPolicyOptions): PostPolicyForm {
  const { bucket, key, contentLength, contentType, credentials, expiresIn, region } = options
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > MAX_EXPIRES_IN) {
    throw new RangeError(`expiresIn must be a whole number of seconds from 1 to ${MAX_EXPIRES_IN}`)
  }
  if (typeof key === 'string' && key.includes(FILENAME))
    throw new RangeError(`a form can't name a key with ${FILENAME}`)
  const { origin, path } = createAddresser(options.endpoint, options.addressing)(bucket, '')
  const second = Math.floor(options.now / 1000)
  const amzDate = formatAmzDate(second * 1000)
  const day = amzDate.slice(0, 8)
  const expiresAt = (second + expiresIn) * 1000

  const fields: Record<string, string> = {
    ...options.fields,
    'x-amz-algorithm': ALGORITHM,
    'x-amz-credential': `${credentials.accessKeyId}/${credentialScope(day, region, 's3')}`,
    'x-amz-date': amzDate,
  }
  if (credentials.sessionToken !== undefined) fields['x-amz-security-token'] = credentials.sessionToken
  if (typeof contentType === 'string') fields['Content-Type'] = contentType
  if (typeof key === 'string') fields['key'] = key

  const conditions: unknown[] = [{ bucket }]
  for (const [name, value] of Object.entries(fields)) conditions.push(['eq', `$${name}`, value])
  if (typeof key !== 'string') {
    conditions.push(['starts-with', '$key', key.startsWith])
    fields['key'] = key.startsWith + FILENAME
  }
  const names = Object.keys(fields).map((name) => name.toLowerCase())
  if (new Set(names).size !== names.length) throw new RangeError('a field is given twice')
  if (typeof contentType === 'object') conditions.push(['starts-with', '$Content-Type', contentType.startsWith])
  if (contentLength !== undefined) {
    if (!isRange(contentLength.min, contentLength.max)) throw new RangeError('contentLength is not a range of bytes')
    conditions.push(['content-length-range', contentLength.min, contentLength.max])
  }
  const document = JSON.stringify({ expiration: new Date(expiresAt).toISOString(), conditions })
  const policy = Buffer.from(document).toString('base64')
  const signingKey =
    options.keys?.get(credentials.secretAccessKey, day, region, 's3') ??
    deriveSigningKey(credentials.secretAccessKey, day, region, 's3')
  fields['policy'] = policy
  fields['x-amz-signature'] = signText(signingKey, policy)
  return { url: `${origin}${path}`, fields, expiresAt }
}

/** Field names are in lower case: S3 compares them so. */
export type PostCondition =
  | { readonly kind: 'eq'; readonly field: string; readonly value: string }
  | { readonly kind: 'starts-with'; readonly field: string; readonly prefix: string }
  | { readonly kind: 'content-length-range'; readonly min: number; readonly max: number }

export interface PostPolicy {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly conditions: readonly PostCondition[]
}

export type ParsedPostPolicy =
  | { readonly outcome: 'parsed'; readonly policy: PostPolicy }
  | { readonly outcome: 'refused'; readonly code: 'InvalidPolicyDocument'; readonly message: string }

/** @param base64 the `policy` field, at most 64 KiB; its signature is checked elsewhere, over this very text */
export function parsePostPolicy(base64: string): ParsedPostPolicy {
  if (base64.length > MAX_POLICY || !BASE64.test(base64.replace(/\s+/g, ''))) return invalid('Invalid Base64.')
  let document: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'))
    // S3 wants a literal $ written as \$, which JSON doesn't know.
    document = JSON.parse(text.replace(/\\([^])/g, (pair, char: string) => (char === '$' ? '$' : pair)))
  } catch {
    return invalid('Invalid JSON.')
  }
  if (!isRecord(document)) return invalid('Invalid JSON.')
  const { expiration, conditions } = document
  if (typeof expiration !== 'string' || !EXPIRATION.test(expiration) || Number.isNaN(Date.parse(expiration))) {
    return invalid('Invalid Policy: expiration must be a time in the form of ISO 8601, in UTC.')
  }
  if (!Array.isArray(conditions)) return invalid('Invalid Policy: conditions must be a list.')
  const parsed: PostCondition[] = []
  for (const condition of conditions as unknown[]) {
    const read = readCondition(condition)
    if (read === undefined) return invalid('Invalid Policy: Invalid Condition.')
    parsed.push(...read)
  }
  return { outcome: 'parsed', policy: { expiresAt: Date.parse(expiration), conditions: parsed } }
}

/** The bytes that a policy lets a file have, both inclusive, so that an upload can be cut off while it streams. */
export function contentLengthRange(policy: PostPolicy): { readonly min: number; readonly max: number } {
  let min = 0
  let max = Number.MAX_SAFE_INTEGER
  for (const condition of policy.conditions) {
    if (condition.kind !== 'content-length-range') continue
    min = Math.max(min, condition.min)
    max = Math.min(max, condition.max)
  }
  return { min, max }
}

export interface PostAttempt {
  /** `key` as it will be stored: with `${filename}` already replaced. */
  readonly form: PostForm
  /** The bucket that the request is addressed to, whatever the form says. */
  readonly bucket: string
  /** The file's bytes; undefined while they aren't known, and then the range isn't checked. */
  readonly contentLength: number | undefined
  readonly policy: PostPolicy
  /** Milliseconds since the epoch. */
  readonly now: number
}

export type PostPolicyVerdict =
  | { readonly outcome: 'allowed' }
  | {
      readonly outcome: 'refused'
      readonly reason: 'expired' | 'condition-failed' | 'field-not-covered' | 'too-small' | 'too-large'
      readonly code: 'AccessDenied' | 'EntityTooSmall' | 'EntityTooLarge'
      readonly message: string
    }

/**
 * Whether a form keeps to its policy. Every field must be covered by a condition, save those of the signature itself,
 * `file`, and `x-ignore-…`; the bucket must be named.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPostPolicy({ form, bucket, contentLength, policy, now }: PostAttempt): PostPolicyVerdict {
  if (now >= policy.expiresAt) return denied('expired', 'Policy expired.')
  const covered = new Set<string>()
  for (const condition of policy.conditions) {
    if (condition.kind === 'content-length-range') continue
    covered.add(condition.field)
    const value = condition.field === 'bucket' ? bucket : (form.get(condition.field) ?? '')
    if (!holds(condition, value)) {
      const operand = condition.kind === 'eq' ? condition.value : condition.prefix
      const text = JSON.stringify([condition.kind, `$${condition.field}`, operand])
      return denied('condition-failed', `Policy Condition failed: ${text}`)
    }
  }
  if (!covered.has('bucket')) return denied('condition-failed', 'Policy Condition failed: the bucket is not named.')
  for (const name of ['key', ...form.keys()]) {
    if (!covered.has(name) && !UNCOVERED.has(name) && !name.startsWith('x-ignore-')) {
      return denied('field-not-covered', `Extra input fields: ${name}`)
    }
  }
  if (contentLength === undefined) return { outcome: 'allowed' }
  const { min, max } = contentLengthRange(policy)
  if (contentLength > max) {
    const message = 'Your proposed upload exceeds the maximum allowed size'
    return { outcome: 'refused', reason: 'too-large', code: 'EntityTooLarge', message }
  }
  if (contentLength < min) {
    const message = 'Your proposed upload is smaller than the minimum allowed size'
    return { outcome: 'refused', reason: 'too-small', code: 'EntityTooSmall', message }
  }
  return { outcome: 'allowed' }
}

const FILENAME = '${filename}'
const MAX_POLICY = 65_536
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const EXPIRATION = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/
const UNCOVERED = new Set(['policy', 'x-amz-signature', 'signature', 'awsaccesskeyid', 'file', 'bucket'])

function holds(condition: Exclude<PostCondition, { kind: 'content-length-range' }>, value: string): boolean {
  if (condition.kind === 'eq') return value === condition.value
  // For Content-Type a comma makes a list, each of whose types must fit.
  if (condition.field !== 'content-type') return value.startsWith(condition.prefix)
  return value.split(',').every((type) => type.trimStart().startsWith(condition.prefix))
}

function denied(reason: 'expired' | 'condition-failed' | 'field-not-covered', why: string): PostPolicyVerdict {
  return { outcome: 'refused', reason, code: 'AccessDenied', message: `Invalid according to Policy: ${why}` }
}

function invalid(message: string): ParsedPostPolicy {
  return { outcome: 'refused', code: 'InvalidPolicyDocument', message }
}

function readCondition(condition: unknown): PostCondition[] | undefined {
  if (Array.isArray(condition)) {
    const [operator, first, second, ...rest] = condition as unknown[]
    if (typeof operator !== 'string' || rest.length > 0) return undefined
    const kind = operator.toLowerCase()
    if (kind === 'content-length-range') {
      const [min, max] = [wholeNumber(first), wholeNumber(second)]
      return min !== undefined && max !== undefined && isRange(min, max) ? [{ kind, min, max }] : undefined
    }
    if (typeof first !== 'string' || !first.startsWith('$') || typeof second !== 'string') return undefined
    const field = first.slice(1).toLowerCase()
    if (kind === 'eq') return [{ kind, field, value: second }]
    return kind === 'starts-with' ? [{ kind, field, prefix: second }] : undefined
  }
  if (!isRecord(condition)) return undefined
  const read: PostCondition[] = []
  for (const [name, value] of Object.entries(condition)) {
    if (typeof value !== 'string') return undefined
    read.push({ kind: 'eq', field: name.toLowerCase(), value })
  }
  return read.length > 0 ? read : undefined
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'string') return /^\d{1,15}$/.test(value) ? Number(value) : undefined
  return typeof value === 'number' ? value : undefined
}

function isRange(min: number, max: number): boolean {
  return Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0 && min <= max
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
