import type { ChunkSeed } from '@skycrate/core/sigv4/chunk-seed'
import type { SigningKeyCache } from '@skycrate/core/sigv4/signing-key'
import type { PayloadKind } from '@skycrate/core/sigv4/verify'
import type { Identity } from './auth/identity.ts'
import type { PolicyCache } from './auth/policy-cache.ts'
import type { SessionSealer } from './auth/session-sealer.ts'
import type { HeaderReader } from './http/header-reader.ts'
import type { Query } from './http/query.ts'
import type { RawTarget } from './http/request-target.ts'
import type { RequestBody } from './http/request-body.ts'
import type { S3Action } from './s3-action.ts'
import type { VersionLock } from './store/tables/object-lock.ts'
import type { Store } from './store/store.ts'
import type { Tag } from './objects/tags.ts'
import type { WebIdentities } from './sts/web-identities.ts'

/** What an action is asked for on. */
export interface Resource {
  readonly bucket?: string
  readonly key?: string
  /** Of a listing, where it is not the `prefix` of the request itself. */
  readonly prefix?: string
  /** What the body of the request locks with; its headers do where this is absent. */
  readonly lock?: VersionLock
  /** Tags that the body of the request brings. */
  readonly requestTags?: readonly Tag[]
  /** Where it is not the `versionId` of the request itself. */
  readonly versionId?: string
}

/** Who asks, and what all policies together let them do in this request. */
export interface Principal {
  readonly identity: Identity
  /** @throws S3Error for tags in a header that are none, where a policy turns on them */
  readonly may: (action: S3Action, resource: Resource) => boolean
}

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
  /** The other end of the connection. */
  readonly peer: { readonly address: string; readonly isTls: boolean }
  readonly body: RequestBody
}

/** What is the same for every request of a server. */
export interface Site {
  readonly store: Store
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly signingKeys: SigningKeyCache
  readonly sessions: SessionSealer
  readonly policies: PolicyCache
  /** Names of the webhooks that events can be sent to. */
  readonly webhooks: ReadonlySet<string>
  /** What the store's own key is called in answers to `aws:kms`: an id for which `isOwnKey` holds. */
  readonly ownKeyId: string
  readonly webIdentities: WebIdentities
  /** Whether every connection came through a TLS proxy. */
  readonly behindTls: boolean
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
