import type { Addressing } from '@skycrate/core/sigv4/address'
import type { Credentials } from '@skycrate/core/sigv4/credentials'
import { createPostPolicy } from '@skycrate/core/sigv4/post-policy'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import { AppError } from '../../errors/app-error.ts'
import type { Signing, UrlSigner } from '../url-signer.ts'
import { regionalEndpoint } from './regional-endpoint.ts'

/** Credentials that end, as a role gives them. */
export interface ExpiringCredentials extends Credentials {
  readonly expiration?: Date | undefined
}

/** New credentials are asked for when these have less left, in milliseconds: a URL dies with what signed it. */
const RENEW_BEFORE_MS = 10 * 60_000

/** Signatures are for the bucket's own region. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html */
export const ACCELERATE_ENDPOINT = 'https://s3-accelerate.amazonaws.com'

export function createPresignerSource(options: {
  readonly endpoint: string
  readonly region: string
  /** The region of a bucket that is not in `region`. */
  readonly regionOf: (bucket: string) => string | undefined
  /** Whether its URLs lead to S3 Transfer Acceleration. */
  readonly isAccelerated: (bucket: string) => boolean
  readonly addressing: Addressing
  readonly credentials: Credentials | (() => Promise<ExpiringCredentials>)
  readonly now: () => number
}): UrlSigner {
  const { endpoint, region, regionOf, isAccelerated, addressing, credentials, now } = options

  /** One presigner for each region in use, and one more for those of its buckets that are accelerated. */
  function signAs(given: Credentials, endsAt: number) {
    const presignerIn = (target: string, accelerated = false): Signing => {
      const place = {
        ...(accelerated
          ? { endpoint: ACCELERATE_ENDPOINT, addressing: 'virtual' as const }
          : { endpoint: regionalEndpoint(endpoint, region, target), addressing }),
        region: target,
        credentials: given,
      }
      return {
        presigner: createPresigner(place),
        postForm: (request) => createPostPolicy({ ...place, ...request }),
        endsAt,
      }
    }
    const own = presignerIn(region)
    const others = new Map<string, Signing>()
    return {
      endsAt,
      signingFor(bucket: string): Signing {
        const elsewhere = regionOf(bucket)
        const accelerated = isAccelerated(bucket)
        if (!accelerated && (elsewhere === undefined || elsewhere === region)) return own
        const target = elsewhere ?? region
        const name = accelerated ? `accelerated ${target}` : target
        let signing = others.get(name)
        if (signing === undefined) others.set(name, (signing = presignerIn(target, accelerated)))
        return signing
      },
    }
  }

  if (typeof credentials !== 'function') return signAs(credentials, Number.POSITIVE_INFINITY)

  let held: ReturnType<typeof signAs> | undefined
  let renewing: Promise<ReturnType<typeof signAs>> | undefined
  const renew = () =>
    (renewing ??= credentials()
      .then((given) => (held = signAs(given, given.expiration?.getTime() ?? Number.POSITIVE_INFINITY)))
      .catch((cause: unknown) => {
        throw new AppError('store-unavailable', undefined, { cause, retryAfter: 5 })
      })
      .finally(() => {
        renewing = undefined
      }))
  return {
    signingFor(bucket) {
      if (held && held.endsAt - now() > RENEW_BEFORE_MS) return held.signingFor(bucket)
      // What is held still signs while its successor is on the way or cannot be had.
      const next = renew()
      if (!held || held.endsAt <= now()) return next.then((signer) => signer.signingFor(bucket))
      next.catch(() => undefined)
      return held.signingFor(bucket)
    },
  }
}
