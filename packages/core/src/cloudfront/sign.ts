import { createPrivateKey, type KeyObject, sign } from 'node:crypto'

/**
 * Signs for CloudFront with one key of a key group: SHA-1 with RSA, which every distribution takes, and SHA-256 with ECDSA
 * P-256, whose signatures are shorter and ten times as fast.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
 */
export interface CloudFrontSigner {
  /**
   * A URL that holds until a time (canned policy), or under conditions (custom policy).
   * @param url with an encoded path, and with a query where that is signed too
   * @throws RangeError for a URL that has a parameter of CloudFront's own
   */
  url(url: string, until: CloudFrontConditions): string
  /**
   * Cookies that open everything whose URL begins with `base`.
   * @param base an encoded URL; `*` and `?` in it stand for themselves only as %2A and %3F
   * @throws RangeError for a base with a wildcard
   */
  cookies(base: string, until: CloudFrontConditions): Readonly<Record<string, string>>
}

export interface CloudFrontConditions {
  /** Whole seconds since the epoch, from which on nothing is served. */
  readonly expiresAt: number
  /** Whole seconds since the epoch, before which nothing is served. */
  readonly startsAt?: number | undefined
  /** An IPv4 address or range: `192.0.2.0/24`. */
  readonly ipAddress?: string | undefined
}

export interface CloudFrontKey {
  /** The id of the public key at CloudFront. */
  readonly id: string
  readonly privateKey: KeyObject
}

const OWN_PARAMETER = /[?&](?:Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)=/
const CIDR = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!\/|$)|(?=\/|$))){4}(?:\/(?:3[0-2]|[12]?\d))?$/

/**
 * A private key as an operator has it.
 * @param pem PKCS #8, PKCS #1 or SEC 1
 * @throws RangeError that says what is wrong, without the key
 */
export function parseCloudFrontKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new RangeError('it is not a private key in PEM')
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const isRsa = type === 'rsa' && details?.modulusLength === 2048
  const isEc = type === 'ec' && details?.namedCurve === 'prime256v1'
  if (!isRsa && !isEc) throw new RangeError('CloudFront takes RSA keys of 2048 bits and ECDSA keys on P-256')
  return key
}

export function createCloudFrontSigner({ id, privateKey }: CloudFrontKey): CloudFrontSigner {
  const isEc = privateKey.asymmetricKeyType === 'ec'
  const hash = isEc ? 'sha256' : 'sha1'
  const tail = `&Key-Pair-Id=${id}${isEc ? '&Hash-Algorithm=SHA256' : ''}`
  const signed = (policy: string): string => webSafe(sign(hash, Buffer.from(policy), privateKey).toString('base64'))

  return {
    url(url, until) {
      if (OWN_PARAMETER.test(url)) throw new RangeError('the URL has a parameter that signing sets')
      const policy = policyOf(url, until)
      const isCanned = until.startsAt === undefined && until.ipAddress === undefined
      const head = isCanned ? `Expires=${until.expiresAt}` : `Policy=${webSafe(base64(policy))}`
      return `${url}${url.includes('?') ? '&' : '?'}${head}&Signature=${signed(policy)}${tail}`
    },

    cookies(base, until) {
      if (/[*?]/.test(base)) throw new RangeError('the base has a wildcard')
      const policy = policyOf(`${base}*`, until)
      return {
        'CloudFront-Policy': webSafe(base64(policy)),
        'CloudFront-Signature': signed(policy),
        'CloudFront-Key-Pair-Id': id,
        ...(isEc ? { 'CloudFront-Hash-Algorithm': 'SHA256' } : {}),
      }
    },
  }
}

/** In the order and without the white space in which CloudFront puts a canned policy together again. */
function policyOf(resource: string, { expiresAt, startsAt, ipAddress }: CloudFrontConditions): string {
  for (const time of [expiresAt, startsAt ?? 1]) {
    if (!Number.isSafeInteger(time) || time < 1) throw new RangeError('times are whole seconds since the epoch')
  }
  if (ipAddress !== undefined && !CIDR.test(ipAddress)) throw new RangeError('the address is no IPv4 address or range')
  return JSON.stringify({
    Statement: [
      {
        Resource: resource,
        Condition: {
          DateLessThan: { 'AWS:EpochTime': expiresAt },
          ...(startsAt === undefined ? {} : { DateGreaterThan: { 'AWS:EpochTime': startsAt } }),
          ...(ipAddress === undefined
            ? {}
            : { IpAddress: { 'AWS:SourceIp': ipAddress.includes('/') ? ipAddress : `${ipAddress}/32` } }),
        },
      },
    ],
  })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const SAFE: Readonly<Record<string, string>> = { '+': '-', '=': '_', '/': '~' }
const webSafe = (text: string): string => text.replaceAll(/[+=/]/g, (char) => SAFE[char]!)
