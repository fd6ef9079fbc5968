import { createObjects } from '../objects/objects.ts'
import { createFiles } from '../files/files.ts'
import { createPasswordGuard } from '../shares/password-guard.ts'
import { createSharePasses } from '../shares/share-token.ts'
import { createSharedLinks } from '../shares/shared-links.ts'
import { createShares } from '../shares/shares.ts'
import { createOperations } from '../objects/operations.ts'
import { createDeletions } from '../objects/deletions.ts'
import { createVersions } from '../objects/versions.ts'
import { openBucketDeliveries } from '../stores/bucket-deliveries.ts'
import { createBucketVersioning } from '../stores/bucket-versioning.ts'
import { mailRestored } from '../mail/mail-restored.ts'
import { createCredentialVending } from '../vending/credentials.ts'
import { createDeliveries, createDeliverySigner } from '../vending/delivery.ts'
import { createHeldCredentials } from '../vending/held-credentials.ts'
import { createPresignedPosts } from '../vending/presigned-post.ts'
import { createPresignedUrls } from '../vending/presigned-url.ts'
import { createSessions } from '../vending/sessions.ts'
import { createSearch } from '../search/search.ts'
import { createMetadata } from '../objects/metadata.ts'
import { createStarPlaces } from '../starred/star-places.ts'
import { createStarred } from '../starred/starred.ts'
import { createThumbnails } from '../thumbnails/thumbnails.ts'
import { createUploadTokens } from '../vending/upload-token.ts'
import { shippedPrices } from '../usage/price-file.ts'
import { createStorage } from '../usage/storage.ts'
import { createUploads } from '../vending/uploads.ts'
import type { Access } from './access.ts'
import type { Foundation } from './foundation.ts'
import type { People } from './people.ts'

/** What is done with objects: handed out, listed, changed, searched, shared and counted. */
export type ObjectServices = Awaited<ReturnType<typeof createObjectServices>>

/** @param held takes what must be ended */
export async function createObjectServices(
  held: AsyncDisposableStack,
  foundation: Foundation,
  { accounts, sessionKeys }: People,
  { permissionCache, meter, gate, bucketsConfig }: Access,
) {
  const { config, secret, logger, now, database, reads, audit, limits, stores, jobs, mailer, templates } = foundation
  const keepsVersions = createBucketVersioning({ storeOf: stores.storeOf, now })
  const stars = createStarPlaces({ database, logger })
  const objects = createObjects({
    gate,
    meter,
    permissions: permissionCache,
    storeOf: stores.storeOf,
    keepsVersions,
    stars,
    now,
  })
  const versions = createVersions({ gate, meter, storeOf: stores.storeOf, stars })
  const bucketDeliveries = held.use(await openBucketDeliveries(database, logger))
  const delivery = createDeliverySigner({ deliveries: bucketDeliveries, keys: config.cdnKeys })
  const deletions = createDeletions({
    gate,
    database,
    storeOf: stores.storeOf,
    retentionDays: bucketsConfig.retentionDays,
  })
  const presignedUrls = createPresignedUrls({
    gate,
    meter,
    signerOf: stores.signerOf,
    delivery,
    now,
    storageClasses: config.storageClasses,
  })
  const operations = createOperations({
    gate,
    meter,
    audit,
    database,
    jobs,
    storeOf: stores.storeOf,
    stars,
    now,
    storageClasses: config.storageClasses,
    tellRestored: mailRestored({ mailer, templates }),
  })
  const thumbnails = createThumbnails({
    gate,
    database,
    jobs,
    storeOf: stores.storeOf,
    signerOf: stores.signerOf,
    now,
  })
  const search = createSearch({ permissions: permissionCache, audit, database, jobs, now })
  const files = createFiles({ gate, meter, audit, database, jobs, thumbnails, storeOf: stores.storeOf, stars, now })
  const { passwords } = accounts
  const { publicUrl } = config.http
  const shares = createShares({
    database,
    audit,
    gate,
    permissions: permissionCache,
    passwords,
    storeOf: stores.storeOf,
    publicUrl,
    now,
  })
  const sharedLinks = createSharedLinks({
    database,
    audit,
    gate,
    meter,
    limits,
    passwords,
    guard: createPasswordGuard(database, now),
    passes: createSharePasses(secret),
    storeOf: stores.storeOf,
    signerOf: stores.signerOf,
    now,
  })
  const storage = createStorage({
    database,
    reads,
    audit,
    permissions: permissionCache,
    jobs,
    storeOf: stores.storeOf,
    storageClasses: config.storageClasses,
    prices: { book: config.prices ?? shippedPrices(), configured: config.prices !== undefined },
    logger,
    now,
  })
  const presignedPosts = createPresignedPosts({ gate, meter, signerOf: stores.signerOf, now })
  const uploads = createUploads({
    gate,
    meter,
    storeOf: stores.storeOf,
    signerOf: stores.signerOf,
    tokens: createUploadTokens(secret),
    now,
    storageClasses: config.storageClasses,
  })
  const heldCredentials = createHeldCredentials({ issuerOf: stores.issuerOf, now })
  const credentials = createCredentialVending({
    gate,
    permissions: permissionCache,
    issuerOf: stores.issuerOf,
    held: heldCredentials,
    longest: config.credentialsMaxSeconds,
    now,
  })
  const sessions = createSessions({
    gate,
    permissions: permissionCache,
    issuerOf: stores.issuerOf,
    held: heldCredentials,
    longest: config.credentialsMaxSeconds,
    keys: sessionKeys,
    audit,
    now,
  })

  return {
    objects,
    versions,
    deletions,
    operations,
    files,
    thumbnails,
    search,
    metadata: createMetadata({ gate, database, storeOf: stores.storeOf }),
    starred: createStarred({ gate, permissions: permissionCache, database, now }),
    shares,
    sharedLinks,
    storage,
    presignedUrls,
    presignedPosts,
    uploads,
    deliveries: createDeliveries({ gate, signer: delivery, now }),
    credentials,
    sessions,
  }
}
