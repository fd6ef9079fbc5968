import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { createGate } from '../access/create-gate.ts'
import { openPermissionCache } from '../access/permission-cache.ts'
import { createPermissions } from '../access/permissions.ts'
import { createAuditViews } from '../audit/audit-views.ts'
import { inDefaultStore } from '../buckets/bucket-records.ts'
import { createBuckets } from '../buckets/buckets.ts'
import { bucketsConfigOf } from '../buckets/buckets-config-of.ts'
import { createRecordedDoctor } from '../doctor/recorded-doctor.ts'
import { createHomes } from '../homes/homes.ts'
import { createHomesAdmin } from '../homes/homes-admin.ts'
import { openMeter } from '../quotas/meter.ts'
import { createQuotas } from '../quotas/quotas.ts'
import { createBucketPresences } from '../stores/bucket-presences.ts'
import { webOrigins } from './web-origins.ts'
import type { Foundation } from './foundation.ts'

/** What decides, and the places that it decides on: permissions, the gate, quotas, buckets and homes. */
export type Access = Awaited<ReturnType<typeof createAccess>>

/** @param held takes what must be ended */
export async function createAccess(held: AsyncDisposableStack, foundation: Foundation) {
  const { config, connection, target, logger, now, database, reads, audit, stores, freshness, settled, jobs } =
    foundation
  const permissionCache = held.use(await openPermissionCache(database, freshness))
  const presences = createBucketPresences({ storeOf: stores.storeOf, now })
  const meter = held.use(await openMeter({ database, freshness, storeOf: stores.storeOf, jobs, logger, now }))
  const gate = createGate({ permissions: permissionCache, audit, presences, now, meter })
  const { libraryBucket } = config.homes
  const origins = webOrigins(config.http)
  const bucketsConfig = bucketsConfigOf(config, target, origins)
  const homes = createHomes({
    settled,
    database,
    store: stores.storeOf(DEFAULT_STORE),
    audit,
    logger,
    now,
    config: {
      ...bucketsConfig,
      layout: config.homes.layout,
      libraryBucket,
      region: target.region,
      bucketPrefix: 'skycrate',
    },
  })
  const homesAdmin = createHomesAdmin({ database, homes, jobs, audit })
  const buckets = createBuckets({
    settled,
    database,
    storeOf: stores.storeOf,
    audit,
    jobs,
    logger,
    config: bucketsConfig,
    library: libraryBucket === undefined ? undefined : inDefaultStore(libraryBucket),
  })
  const permissions = createPermissions({
    settled,
    database,
    reads,
    audit,
    now,
    storeOf: stores.storeOf,
    presences,
    guestWrites: !config.production,
  })

  return {
    permissionCache,
    meter,
    gate,
    bucketsConfig,
    homes,
    homesAdmin,
    buckets,
    permissions,
    quotas: createQuotas({ database, audit, jobs, settled }),
    auditViews: createAuditViews({ reads, audit, now }),
    doctor: createRecordedDoctor({ config, connection, target, webOrigins: origins, audit, logger, now }),
  }
}
