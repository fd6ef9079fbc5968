import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { BucketRegions } from '../bucket-regions.ts'
import type { CredentialIssuer } from '../credential-issuer.ts'
import type { Store } from '../store.ts'
import { ownEndpoint, type StoreTarget } from '../store-target.ts'
import type { UrlSigner } from '../url-signer.ts'
import { createAssumeRoleIssuer } from './assume-role-issuer.ts'
import { browserOrigins } from './browser-origins.ts'
import { createPresignerSource } from './presigner-source.ts'
import { createS3Store } from './s3-store.ts'

/** The ways to one store with the same credentials: to act on it, to sign URLs for it, and to issue credentials for it. */
export function openS3Store(
  id: StoreId,
  target: StoreTarget,
  options: {
    readonly regions: Omit<BucketRegions, 'isAccelerated'> & Partial<BucketRegions>
    readonly logger: FastifyBaseLogger
    readonly now: () => number
  },
): {
  readonly store: Store
  readonly signer: UrlSigner
  readonly issuer: CredentialIssuer
  readonly browserOrigins: () => readonly string[]
  readonly close: () => void
} {
  const { regions, logger, now } = options
  const { kind, region, addressing } = target
  const credentials = target.credentials ?? fromNodeProviderChain()
  const ofBuckets = {
    regionOf: (bucket: string) => regions.regionOf(id, bucket),
    learn: (bucket: string, found: string) => regions.learn(id, bucket, found),
  }
  const store = createS3Store({
    id,
    kind,
    region,
    endpoint: kind === 'aws' ? undefined : ownEndpoint(target),
    socketPath: target.socketPath,
    credentials,
    pathStyle: addressing === 'path',
    regions: ofBuckets,
    logger,
  })
  const signer = createPresignerSource({
    endpoint: target.publicEndpoint,
    region,
    regionOf: ofBuckets.regionOf,
    isAccelerated: (bucket) => regions.isAccelerated?.(id, bucket) === true,
    addressing,
    credentials,
    now,
  })
  const issuer = createAssumeRoleIssuer(target, { credentials, regionOf: ofBuckets.regionOf })
  return {
    store,
    signer,
    issuer,
    browserOrigins: () => browserOrigins(target, regions.of(id)),
    close() {
      store.close()
      issuer.close()
    },
  }
}
