import { verifyRequest } from '@skycrate/core/sigv4/verify'
import type { WireRequest } from '@skycrate/core/sigv4/verify'
import type { BodyClaim, Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Proof } from './condition-context.ts'
import { findCredentials } from './find-credentials.ts'
import type { Identity } from './identity.ts'
import { sayRefusal } from './say-refusal.ts'

export interface Authentication {
  readonly identity: Identity
  readonly proof: Proof | undefined
  readonly bodyClaim: BodyClaim
  readonly kind: 'header' | 'presigned' | 'none'
}

/**
 * Who a request comes from, by its SigV4 signature alone.
 *
 * @throws S3Error for a signature that is there but not good; a request without any is anonymous
 */
export const authenticate = (request: WireRequest, site: Site, now: number): Authentication => {
  const credentials = findCredentials(site)
  const verdict = verifyRequest(request, {
    lookup: credentials.lookup,
    region: site.region,
    service: 's3',
    now,
    keys: site.signingKeys,
  })
  switch (verdict.outcome) {
    case 'verified':
      return {
        identity: credentials.found(),
        proof: {
          authType: verdict.kind === 'header' ? 'REST-HEADER' : 'REST-QUERY-STRING',
          signedAt: verdict.signedAt,
          payloadHash: verdict.payloadHash,
        },
        bodyClaim: { payload: verdict.payload, payloadHash: verdict.payloadHash, seed: verdict.seed },
        kind: verdict.kind,
      }
    case 'anonymous':
      return {
        identity: { kind: 'anonymous' },
        proof: undefined,
        bodyClaim: { payload: 'unsigned', payloadHash: 'UNSIGNED-PAYLOAD', seed: undefined },
        kind: 'none',
      }
    case 'refused':
      throw new S3Error(verdict.code, {
        message: sayRefusal(verdict.message, verdict.details),
        fields: verdict.details,
      })
  }
}
