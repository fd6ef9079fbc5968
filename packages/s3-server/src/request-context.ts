import type { ChunkSeed } from '@skycrate/core/sigv4/chunk-seed'
import type { SigningKeyCache } from '@skycrate/core/sigv4/signing-key'
import type { PayloadKind } from '@skycrate/core/sigv4/verify'
import type { HeaderReader } from './http/header-reader.ts'
import type { Query } from './http/query.ts'
import type { RawTarget } from './http/request-target.ts'
import type { RequestBody } from './http/request-body.ts'
import type { Store } from './store/store.ts'

/** Who asks. */
export type Principal = { readonly kind: 'root'; readonly accessKeyId: string } | { readonly kind: 'anonymous' }

/** What the signature says of the body. */
export interface BodyClaim {
  readonly payload: PayloadKind
  readonly payloadHash: string
  readonly seed: ChunkSeed | undefined
}

export interface S3Request {
  readonly id: string
  readonly method: string
  readonly host: string
  readonly raw: RawTarget
  readonly bucket: string | undefined
  readonly key: string | undefined
  readonly query: Query
  readonly headers: HeaderReader
  readonly body: RequestBody
}

/** What is the same for every request of a server. */
export interface Site {
  readonly store: Store
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly signingKeys: SigningKeyCache
  /** The canonical id that stands for the root key in listings. */
  readonly ownerId: string
}

export interface RequestContext {
  readonly site: Site
  readonly request: S3Request
  readonly principal: Principal
  readonly bodyClaim: BodyClaim
  /** Milliseconds since 1970, taken once a request. */
  readonly now: number
}
