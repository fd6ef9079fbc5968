import type { Credentials } from '@skycrate/core/sigv4/credentials'

/** Where a store is, for SkyCrate and for its clients, and with what to sign. */
export interface StoreTarget {
  /** `aws` is held to AWS's error codes; of the others many do not know a part of the API. */
  readonly kind: 'aws' | 's3' | 'embedded'
  readonly endpoint: string
  /** The embedded store's own way in for SkyCrate, to the same API as at `endpoint`; absent for other stores. */
  readonly socketPath?: string
  /** As clients reach it: presigned URLs point there. */
  readonly publicEndpoint: string
  readonly region: string
  readonly addressing: 'path' | 'virtual'
  /** The role that temporary credentials assume; undefined: none is configured, and the embedded store needs none. */
  readonly roleArn?: string | undefined
  /** Undefined on AWS: the default credential chain. */
  readonly credentials: Credentials | undefined
}

/** Where SkyCrate's own requests go: on the store's own way in there is no network, and no TLS. */
export const ownEndpoint = ({ endpoint, socketPath }: Pick<StoreTarget, 'endpoint' | 'socketPath'>): string =>
  socketPath === undefined ? endpoint : endpoint.replace(/^https:/, 'http:')
