import { hash } from 'node:crypto'
import { createAddresser, type Addressing } from './address.ts'
import { formatAmzDate } from './amz-date.ts'
import { ALGORITHM, canonicalHeaders, credentialScope, UNSIGNED_PAYLOAD } from './canonical.ts'
import type { Credentials } from './credentials.ts'
import { encodeQuery } from './encode.ts'
import { deriveSigningKey } from './signing-key.ts'
import { textMac } from './text-mac.ts'

/** Seven days, in seconds: the longest that S3 takes. */
export const MAX_EXPIRES_IN = 604_800

export interface PresignerOptions {
  /** `http(s)://host[:port]` */
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
  readonly addressing: Addressing
}

export interface PresignInput {
  /** In upper case. */
  readonly method: string
  readonly bucket: string
  /** '' for an operation on the bucket. */
  readonly key: string
  /** Whole seconds, 1 to 604,800. The URL dies earlier if the credentials do. */
  readonly expiresIn: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Signed: whoever uses the URL must send exactly these. */
  readonly headers?: Readonly<Record<string, string>>
  /** Decoded parameters such as `response-content-disposition`, `uploadId`, `partNumber`, `versionId`. */
  readonly query?: Readonly<Record<string, string>>
}

export interface PresignedUrl {
  readonly url: string
  /** What must be sent with it, besides `Host`. Names in lower case. */
  readonly headers: Record<string, string>
  /** Milliseconds since the epoch, counted from the whole second in which it was signed. */
  readonly expiresAt: number
}

/** When a URL ends that is signed at `now` for `expiresIn` seconds, in milliseconds since the epoch: whole seconds count. */
export const expiryOf = (now: number, expiresIn: number): number => (Math.floor(now / 1000) + expiresIn) * 1000

export interface Presigner {
  /**
   * @throws RangeError when `expiresIn` is out of range, or `headers` or `query` name something that signing sets
   * @throws URIError for a lone surrogate in the key or the query
   */
  presign(input: PresignInput): PresignedUrl
}

/** All that stays the same within one second, so that a burst of URLs formats and derives nothing twice. */
interface Moment {
  readonly second: number
  readonly day: string
  readonly sign: (text: string) => string
  /** The query up to the digits of X-Amz-Expires. */
  readonly queryHead: string
  /** The string to sign up to the hash. */
  readonly signHead: string
}

/**
 * @throws RangeError for an endpoint that isn't http(s)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function createPresigner(options: PresignerOptions): Presigner {
  const { credentials, region } = options
  const address = createAddresser(options.endpoint, options.addressing)
  const { sessionToken } = credentials
  const token = sessionToken === undefined ? '' : `&X-Amz-Security-Token=${encodeQuery(sessionToken)}`
  let moment: Moment | undefined

  function momentOf(second: number): Moment {
    if (moment !== undefined && moment.second === second) return moment
    const amzDate = formatAmzDate(second * 1000)
    const day = amzDate.slice(0, 8)
    const scope = credentialScope(day, region, 's3')
    moment = {
      second,
      day,
      sign:
        moment?.day === day ? moment.sign : textMac(deriveSigningKey(credentials.secretAccessKey, day, region, 's3')),
      queryHead:
        `X-Amz-Algorithm=${ALGORITHM}&X-Amz-Credential=${encodeQuery(`${credentials.accessKeyId}/${scope}`)}` +
        `&X-Amz-Date=${amzDate}&X-Amz-Expires=`,
      signHead: `${ALGORITHM}\n${amzDate}\n${scope}\n`,
    }
    return moment
  }

  return {
    presign({ method, bucket, key, expiresIn, now, headers, query }) {
      if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > MAX_EXPIRES_IN) {
        throw new RangeError(`expiresIn must be a whole number of seconds from 1 to ${MAX_EXPIRES_IN}`)
      }
      const { sign, queryHead, signHead } = momentOf(Math.floor(now / 1000))
      const { origin, host, path } = address(bucket, key)

      let names = 'host'
      let lines = `host:${host}\n`
      const toSend: Record<string, string> = {}
      if (headers !== undefined) {
        const sorted = signedHeaders(headers, host)
        names = sorted.map(([name]) => name).join(';')
        lines = sorted.map(([name, value]) => `${name}:${value}\n`).join('')
        for (const [name, value] of sorted) if (name !== 'host') toSend[name] = value
      }

      const own = `${queryHead}${expiresIn}${token}&X-Amz-SignedHeaders=${encodeQuery(names)}`
      const search = query === undefined ? own : mergeQuery(own, query)
      const requestHash = hash(
        'sha256',
        `${method}\n${path}\n${search}\n${lines}\n${names}\n${UNSIGNED_PAYLOAD}`,
        'hex',
      )
      const signature = sign(signHead + requestHash)
      return {
        url: `${origin}${path}?${search}&X-Amz-Signature=${signature}`,
        headers: toSend,
        expiresAt: expiryOf(now, expiresIn),
      }
    },
  }
}

function signedHeaders(headers: Readonly<Record<string, string>>, host: string): [string, string][] {
  const sorted = canonicalHeaders({ ...headers, host })
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]?.[0] === sorted[i - 1]?.[0]) throw new RangeError(`the header ${sorted[i]?.[0]} is given twice`)
  }
  return sorted
}

const OWN_NAME = /^x-amz-(?:algorithm|credential|date|expires|security-token|signature|signedheaders)$/i

/** Puts the caller's parameters among our own, in the canonical order. */
function mergeQuery(own: string, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => {
    if (OWN_NAME.test(name)) throw new RangeError(`the query parameter ${name} is set by signing`)
    return `${encodeQuery(name)}=${encodeQuery(value)}`
  })
  if (pairs.length === 0) return own
  // Names are unique here, so comparing up to '=' is comparing names.
  const all = pairs.concat(own.split('&')).map((pair) => [pair.slice(0, pair.indexOf('=')), pair] as const)
  all.sort((a, b) => (a[0] < b[0] ? -1 : 1))
  return all.map(([, pair]) => pair).join('&')
}
