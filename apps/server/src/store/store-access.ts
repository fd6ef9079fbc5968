import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { Credentials } from '@skycrate/core/sigv4/credentials'
import type { FastifyBaseLogger } from 'fastify'
import { createPresignerSource, type PresignerSource } from './presigner-source.ts'
import { createStore } from './s3-store.ts'
import type { Store } from './store.ts'

/** Where the store is, for SkyCrate and for its clients, and with what to sign. */
export interface StoreTarget {
  readonly kind: 'aws' | 's3' | 'embedded'
  readonly endpoint: string
  /** As clients reach it: presigned URLs point there. */
  readonly publicEndpoint: string
  readonly region: string
  readonly addressing: 'path' | 'virtual'
  /** Undefined on AWS: the default credential chain. */
  readonly credentials: Credentials | undefined
}

/** The two ways to one store: to act on it, and to sign URLs for it, with the same credentials. */
export function openStore(
  target: StoreTarget,
  logger: FastifyBaseLogger,
  now: () => number,
): { store: Store; source: PresignerSource } {
  const { kind, region, addressing } = target
  const credentials = target.credentials ?? fromNodeProviderChain()
  const store = createStore({
    kind,
    region,
    endpoint: kind === 'aws' ? undefined : target.endpoint,
    credentials,
    pathStyle: addressing === 'path',
    logger,
  })
  const source = createPresignerSource({
    endpoint: target.publicEndpoint,
    region,
    addressing,
    credentials,
    now,
  })
  return { store, source }
}
