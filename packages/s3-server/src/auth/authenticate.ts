import { verifyRequest } from '@skycrate/core/sigv4/verify'
import type { WireRequest } from '@skycrate/core/sigv4/verify'
import type { BodyClaim, Principal, Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'

export interface Authentication {
  readonly principal: Principal
  readonly bodyClaim: BodyClaim
  readonly kind: 'header' | 'presigned' | 'none'
}

/**
 * Who a request comes from, by its SigV4 signature alone.
 *
 * @throws S3Error for a signature that is there but not good; a request without any is anonymous
 */
export const authenticate = (request: WireRequest, site: Site, now: number): Authentication => {
  const { accessKeyId, secretAccessKey } = site.credentials
  const verdict = verifyRequest(request, {
    lookup: (id) => (id === accessKeyId ? { secretAccessKey } : undefined),
    region: site.region,
    service: 's3',
    now,
    keys: site.signingKeys,
  })
  switch (verdict.outcome) {
    case 'verified':
      return {
        principal: { kind: 'root', accessKeyId: verdict.accessKeyId },
        bodyClaim: { payload: verdict.payload, payloadHash: verdict.payloadHash, seed: verdict.seed },
        kind: verdict.kind,
      }
    case 'anonymous':
      return {
        principal: { kind: 'anonymous' },
        bodyClaim: { payload: 'unsigned', payloadHash: 'UNSIGNED-PAYLOAD', seed: undefined },
        kind: 'none',
      }
    case 'refused':
      throw new S3Error(verdict.code, { message: verdict.message, fields: verdict.details })
  }
}
