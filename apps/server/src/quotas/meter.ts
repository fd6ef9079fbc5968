import type { FastifyBaseLogger } from 'fastify'
import type { Freshness } from '../access/freshness.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { CopyStore } from '../stores/copy-store.ts'
import {
  addTo,
  type Amount,
  type BoundQuota,
  findReservation,
  growthOf,
  holdUsage,
  lockUsage,
  type ObjectPlace,
  prefixesOf,
  quotasAt,
  takenOf,
} from './quota-rows.ts'

export const KEEP_QUOTAS = 'quotas.keep'

/** Milliseconds within which an upload that was allowed has to begin. */
const BEGIN_MS = 15 * 60_000
/** Milliseconds that an upload may go on after its URL has ended: it is only begun in time. */
const GRACE_MS = 5 * 60_000
/** Bytes a millisecond of a slow client. */
const SLOW = 1000

/**
 * Keeps to the quotas: whoever is given an upload has room for it reserved, until the object is seen in the store or the
 * upload can come no more. Where there are no quotas, nothing is read or written.
 */
export interface Meter extends AsyncDisposable {
  /** Whether there may be quotas: no I/O. */
  isOn(): boolean
  /**
   * Reserves room for what may be stored under a key until a time. Several for one key count once: only one is stored.
   * @param bytes the most that may be there; undefined where the request does not say
   * @param from where it is moved from: a quota of both places stays as it is
   * @param until milliseconds since the epoch at which what was signed ends
   * @returns when what is signed has to end: where there is a quota, soon, so that room is not held long for nothing
   * @throws AppError `quota-exceeded`; `length-required` where there is a quota and no length
   */
  reserve(place: ObjectPlace, bytes: number | undefined, until: number, from?: ObjectPlace): Promise<number>
  /** As `reserve`, for an upload whose end SkyCrate sees: for as long as it may take. */
  hold(place: ObjectPlace, bytes: number, until: number): Promise<void>
  /** A key that may be deleted until a time: looked at afterwards. */
  watch(place: ObjectPlace, until: number): Promise<void>
  /** Looks at what is stored under a key now, and counts it instead of what was reserved. */
  settle(place: ObjectPlace): Promise<void>
  /** @throws AppError `quota-exceeded` where a quota at a place is lower by now than what is taken */
  requireWithin(place: ObjectPlace): Promise<void>
  /** @throws AppError `quota-exceeded` where a quota at a place is used up: for what writes without being counted */
  requireRoom(place: ObjectPlace): Promise<void>
  /** Something was changed there beside this: it is counted again soon. */
  recountSoon(store: string, bucket: string, keys: readonly string[]): Promise<void>
}

export async function openMeter(use: {
  readonly database: Database
  readonly freshness: Freshness
  readonly storeOf: (id: string) => CopyStore
  readonly jobs: Jobs
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}): Promise<Meter> {
  const { database, freshness, storeOf, jobs, logger, now } = use
  let mayBe = true
  let asked = 0
  const look = async (): Promise<void> => {
    const turn = ++asked
    mayBe = true
    const found = await database.query('select 1 from quotas limit 1')
    if (turn === asked) mayBe = found.length > 0
  }
  const lookAgain = (): void =>
    void look().catch((error: unknown) => logger.warn({ err: error }, 'could not look whether there are quotas'))
  const listening = await database.listen('skycrate_quotas', lookAgain, lookAgain)
  await look()

  async function stored({ store, bucket, key }: ObjectPlace): Promise<Amount> {
    const head = await storeOf(store).headObject(bucket, key)
    return head === undefined ? { bytes: 0, objects: 0 } : { bytes: head.size, objects: 1 }
  }

  /** @returns whether there is a quota */
  async function claim(
    place: ObjectPlace,
    most: Amount | undefined,
    until: number,
    from?: ObjectPlace,
  ): Promise<boolean> {
    const { store, bucket, key } = place
    const first = await quotasAt(database, place)
    if (first.length === 0) return false
    const expiresAt = new Date(until + GRACE_MS + (most?.bytes ?? 0) / SLOW).toISOString()
    if (most === undefined) {
      throw new AppError('length-required', 'There is a quota here: say how large the file is (contentLength).')
    }
    const there = await stored(place)
    await database.transaction(async (tx) => {
      const groups = first.filter(({ kind }) => kind === 'group').map(({ subject }) => subject)
      // Its members' homes are rows of their own, so that it takes a lock that all of them share.
      if (groups.length > 0) {
        await tx.query(
          `select 1 from quotas where kind = 'group' and subject = any($1) order by subject for update`,
          [groups],
          'quota-lock-groups',
        )
      }
      const prefixes = [...new Set(first.map(({ prefix }) => prefix))]
      await lockUsage(tx, store, bucket, prefixes)
      const earlier = await findReservation(tx, place, true)
      const before = earlier ?? { before_bytes: there.bytes, before_objects: there.objects }
      const bytes = Math.max(earlier?.bytes ?? 0, most.bytes)
      const objects = Math.max(earlier?.objects ?? 0, most.objects)
      const { before_bytes, before_objects } = before
      const known = earlier === undefined ? { bytes: 0, objects: 0 } : growthOf(earlier)
      const whole = growthOf({ bytes, objects, before_bytes, before_objects })
      const more = { bytes: whole.bytes - known.bytes, objects: whole.objects - known.objects }
      const leaving = from === undefined ? [] : await quotasAt(tx, from)
      for (const quota of await quotasAt(tx, place)) {
        const stays = leaving.some(({ kind, subject }) => kind === quota.kind && subject === quota.subject)
        if (!stays) await requireRoomFor(tx, quota, place, more)
      }
      await tx.query(
        `insert into quota_reservations (store, bucket, key, bytes, objects, before_bytes, before_objects, prefixes, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (store, bucket, key) do update set bytes = $4, objects = $5, vends = quota_reservations.vends + 1,
           prefixes = array(select distinct unnest(quota_reservations.prefixes || $8::text[])),
           expires_at = greatest(quota_reservations.expires_at, $9)`,
        [store, bucket, key, bytes, objects, before_bytes, before_objects, prefixes, expiresAt],
        'quota-reserve',
      )
      const known_at = earlier?.prefixes ?? []
      await addTo(tx, 'reserved', { store, bucket, prefixes: prefixes.filter((each) => known_at.includes(each)) }, more)
      await addTo(
        tx,
        'reserved',
        { store, bucket, prefixes: prefixes.filter((each) => !known_at.includes(each)) },
        whole,
      )
    })
    return true
  }

  async function settle(place: ObjectPlace): Promise<void> {
    const { store, bucket, key } = place
    const seen = await stored(place)
    await database.transaction(async (tx) => {
      await holdUsage(tx, store, bucket, prefixesOf(key))
      const reservation = await findReservation(tx, place, true)
      if (reservation === undefined) return
      const { before_bytes, before_objects, prefixes } = reservation
      const change = { bytes: seen.bytes - before_bytes, objects: seen.objects - before_objects }
      await addTo(tx, 'stored', { store, bucket, prefixes: prefixesOf(key) }, change)
      const was = growthOf(reservation)
      // Another one that was given for the key may come still.
      const isOpen = reservation.vends > 1 && !reservation.is_over
      const stays = isOpen
        ? growthOf({ ...reservation, before_bytes: seen.bytes, before_objects: seen.objects })
        : { bytes: 0, objects: 0 }
      await addTo(
        tx,
        'reserved',
        { store, bucket, prefixes },
        {
          bytes: stays.bytes - was.bytes,
          objects: stays.objects - was.objects,
        },
      )
      const at = 'where store = $1 and bucket = $2 and key = $3'
      if (isOpen) {
        await tx.query(`update quota_reservations set before_bytes = $4, before_objects = $5 ${at}`, [
          store,
          bucket,
          key,
          seen.bytes,
          seen.objects,
        ])
      } else await tx.query(`delete from quota_reservations ${at}`, [store, bucket, key])
    })
  }

  const isOn = (): boolean => mayBe || !freshness.isFresh()

  return {
    isOn,
    async reserve(place, bytes, until, from) {
      const soon = Math.min(until, now() + BEGIN_MS)
      const isBound = await claim(place, bytes === undefined ? undefined : { bytes, objects: 1 }, soon, from)
      return isBound ? soon : until
    },
    async hold(place, bytes, until) {
      await claim(place, { bytes, objects: 1 }, until)
    },
    async watch(place, until) {
      await claim(place, { bytes: 0, objects: 0 }, until)
    },
    async settle(place) {
      if (isOn()) await settle(place)
    },
    async requireWithin(place) {
      if (!isOn()) return
      for (const quota of await quotasAt(database, place)) {
        const taken = await takenOf(database, quota, place)
        refuseOver(quota, taken, taken)
      }
    },
    async requireRoom(place) {
      if (!isOn()) return
      for (const quota of await quotasAt(database, place)) {
        await requireRoomFor(database, quota, place, { bytes: 1, objects: 1 })
      }
    },
    async recountSoon(store, bucket, keys) {
      if (!isOn() || keys.length === 0) return
      const prefixes = [...new Set(keys.flatMap(prefixesOf))]
      const stale = await database.query(
        `update quota_usage set counted_at = null, changes = changes + 1
         where store = $1 and bucket = $2 and prefix = any($3) returning 1`,
        [store, bucket, prefixes],
      )
      if (stale.length > 0) await jobs.enqueue(KEEP_QUOTAS, {}, { createdBy: null, key: 'soon' })
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}

/** What people call what a quota is of. */
const OF = { user: 'this home', group: "the homes of a group's members", bucket: 'this bucket' } as const

/** What adds nothing is never refused. */
async function requireRoomFor(sql: Sql, quota: BoundQuota, place: ObjectPlace, more: Amount): Promise<void> {
  if (more.bytes <= 0 && more.objects <= 0) return
  const taken = await takenOf(sql, quota, place)
  refuseOver(quota, taken, {
    bytes: more.bytes > 0 ? taken.bytes + more.bytes : 0,
    objects: more.objects > 0 ? taken.objects + more.objects : 0,
  })
}

function refuseOver({ kind, max_bytes, max_objects }: BoundQuota, taken: Amount, wanted: Amount): void {
  const refuse = (limit: number, what: keyof Amount): never => {
    const [all, used] = [limit, taken[what]].map((count) => count.toLocaleString('en-US'))
    const has = `The quota of ${OF[kind]} is ${all} ${what}, of which ${used} are taken.`
    throw new AppError('quota-exceeded', `${has} Delete files, or ask an administrator.`)
  }
  if (max_bytes !== null && wanted.bytes > max_bytes) refuse(max_bytes, 'bytes')
  if (max_objects !== null && wanted.objects > max_objects) refuse(max_objects, 'objects')
}
