import type { Database } from '../db/database.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Meter } from './meter.ts'
import { holdUsage } from './quota-rows.ts'

interface Use {
  readonly database: Database
  readonly storeOf: (id: string) => ObjectStore
  readonly meter: Meter
}

interface CountedPlace {
  readonly store: string
  readonly bucket: string
  readonly prefix: string
}

/** Reservations that are looked at in one go. */
const BATCH = 500
/** Times that a place is counted since it changed meanwhile. */
const TRIES = 3

/**
 * Looks at every upload that can come no more, and counts each place that was never counted, that was changed in bulk or that
 * was counted a day ago: so a count that has drifted is mended.
 */
export async function keepQuotas(use: Use, signal: AbortSignal): Promise<void> {
  const { database, meter } = use
  for (let more = true; more;) {
    const over = await database.query<{ store: string; bucket: string; key: string }>(
      `select store, bucket, key from quota_reservations where expires_at <= now() order by expires_at limit $1`,
      [BATCH],
    )
    for (const place of over) {
      signal.throwIfAborted()
      await meter.settle(place)
    }
    more = over.length === BATCH
  }
  await database.query(
    `insert into quota_usage (store, bucket, prefix) select store, bucket, prefix from quota_places on conflict do nothing`,
  )
  for (;;) {
    signal.throwIfAborted()
    const [due] = await database.query<CountedPlace>(
      `select u.store, u.bucket, u.prefix from quota_usage u join quota_places p using (store, bucket, prefix)
       where u.counted_at is null or u.counted_at < now() - interval '1 day'
       order by u.counted_at nulls first limit 1`,
    )
    if (due === undefined) return
    await recount(use, due, signal)
  }
}

/** Counts what is stored at a place, and takes that for what is there. */
export async function recount({ database, storeOf }: Use, place: CountedPlace, signal: AbortSignal): Promise<void> {
  const { store, bucket, prefix } = place
  const at = [store, bucket, prefix]
  for (let tries = 1; ; tries++) {
    const [before] = await database.query<{ changes: number }>(
      `select changes from quota_usage where store = $1 and bucket = $2 and prefix = $3`,
      at,
    )
    if (before === undefined) return
    // What may change has been counted as it was before, and is looked at in its own time.
    const open = new Map(
      (
        await database.query<{ key: string; before_bytes: number; before_objects: number }>(
          `select key, before_bytes, before_objects from quota_reservations
           where store = $1 and bucket = $2 and starts_with(key, $3) and $3 = any(prefixes)`,
          at,
        )
      ).map((row) => [row.key, { bytes: row.before_bytes, objects: row.before_objects }]),
    )
    let [bytes, objects] = [0, 0]
    for (const known of open.values()) {
      bytes += known.bytes
      objects += known.objects
    }
    let cursor: string | undefined
    do {
      signal.throwIfAborted()
      const page = await storeOf(store).listObjects({ bucket, prefix, limit: 1000, cursor })
      if (!page.ok) break
      for (const object of page.value.objects) {
        if (open.has(object.key)) continue
        bytes += object.size
        objects += 1
      }
      cursor = page.value.nextCursor ?? undefined
    } while (cursor !== undefined)
    const isCounted = await database.transaction(async (tx) => {
      await holdUsage(tx, store, bucket, [prefix])
      const counted = await tx.query(
        `update quota_usage set bytes = $4, objects = $5, counted_at = now()
         where store = $1 and bucket = $2 and prefix = $3 and (changes = $6 or $7) returning 1`,
        [...at, bytes, objects, before.changes, tries >= TRIES],
      )
      return counted.length > 0
    })
    if (isCounted) return
  }
}
