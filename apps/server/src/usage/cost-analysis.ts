import type { CostAnalysis } from '@skycrate/contract/storage/cost-schemas'
import { type PriceBook, pricesOf } from '@skycrate/core/economics/price-book'
import { GIB } from '@skycrate/core/economics/simulate'
import type { Sql } from '../db/database.ts'
import { findApplied, promisedSoFar, sumOf } from './applied-rules.ts'
import { amountsOf, billOf } from './bill.ts'
import { countedAtOf } from './storage-stats.ts'
import { findChildren, findHomes, type FolderRow, type UsageRun } from './usage-rows.ts'
import type { UsageScope } from './usage-scope.ts'

/** Buckets whose folders are looked into. */
const BUCKETS = 20
const FOLDERS = 50
const USERS = 200
const ADVICE = 100

const NOT_COUNTED = [
  'Data transfer out of the region and to the internet',
  'Listings, and requests by temporary credentials: the audit log does not count them',
  'Requests to a key management service, replication, object tags and S3 Inventory itself',
]

/** The bill of a month and of a year, and what would make it smaller. */
export async function costAnalysis(
  use: {
    readonly database: Sql
    readonly prices: PriceBook
    readonly configured: boolean
    readonly now: () => number
    /** Why the store of a bucket cannot apply a rule; null where it can. */
    readonly refusal: (store: string, toClass: string | null) => string | null
  },
  scope: UsageScope,
): Promise<CostAnalysis> {
  const { prices: book } = use
  const { folders, runs } = scope
  const runOf = new Map(runs.map((run) => [`${run.store}/${run.bucket}`, run]))
  const regionOf = (folder: FolderRow): string | null => runOf.get(`${folder.store}/${folder.bucket}`)?.region ?? null

  // Tiers count what the whole region holds.
  const byRegion = new Map<string, FolderRow[]>()
  for (const folder of folders) {
    const { region } = pricesOf(book, regionOf(folder))
    byRegion.set(region, [...(byRegion.get(region) ?? []), folder])
  }
  const amounts = new Map([...byRegion].map(([region, list]) => [region, amountsOf(list)]))
  const bill = (folder: FolderRow) => {
    const region = regionOf(folder)
    return billOf(folder.classes, book, region, amounts.get(pricesOf(book, region).region) ?? new Map())
  }

  const charges = { storage: 0, requests: 0, retrieval: 0, transitions: 0, earlyDeletion: 0, monitoring: 0 }
  const byClass = new Map<string, { bytes: number; total: number }>()
  const regions = new Map<string, { own: boolean; total: number }>()
  let [oldVersions, unfinishedUploads] = [0, 0]
  const addRegion = (region: string | null, amount: number): void => {
    const name = region ?? book.defaultRegion
    const sum = regions.get(name) ?? { own: pricesOf(book, region).own, total: 0 }
    regions.set(name, { own: sum.own, total: sum.total + amount })
  }
  for (const folder of folders) {
    const paid = bill(folder)
    charges.storage += paid.storage
    charges.monitoring += paid.monitoring
    oldVersions += paid.byState.noncurrent
    unfinishedUploads += paid.byState.upload
    for (const [storageClass, { bytes, total }] of paid.byClass) {
      const sum = byClass.get(storageClass) ?? { bytes: 0, total: 0 }
      byClass.set(storageClass, { bytes: sum.bytes + bytes, total: sum.total + total })
    }
    addRegion(regionOf(folder), paid.storage + paid.monitoring)
  }

  // What the audit log tells is of whole buckets; of a part, it is whoever asked.
  const whole = new Set(folders.filter(({ prefix }) => prefix === '').map(({ store, bucket }) => `${store}/${bucket}`))
  const requestsBy = new Map<string | null, number>()
  const wholeRuns = runs.filter(({ store, bucket }) => whole.has(`${store}/${bucket}`))
  for (const run of wholeRuns) {
    const paid = requestCharges(run, book)
    charges.requests += paid.requests
    charges.retrieval += paid.retrieval
    charges.earlyDeletion += run.outlook.earlyDeletion
    addRegion(run.region, paid.requests + paid.retrieval + run.outlook.earlyDeletion)
    for (const [userId, amount] of paid.byUser) requestsBy.set(userId, (requestsBy.get(userId) ?? 0) + amount)
  }

  const advice = wholeRuns
    .flatMap((run) =>
      run.outlook.advice.map((each) => ({
        store: run.store,
        bucket: run.bucket,
        rule: each.rule,
        objects: each.objects,
        bytes: each.bytes,
        saving: each.saving,
        savingAtLeast: each.savingAtLeast,
        fee: each.fee,
        paybackMonths: each.paybackMonths,
        months: [...each.months],
        needs: use.refusal(run.store, each.rule.toClass),
      })),
    )
    .toSorted((a, b) => b.saving - a.saving)
    .slice(0, ADVICE)

  return {
    prices: {
      name: book.name,
      date: book.date,
      source: book.source,
      currency: book.currency,
      configured: use.configured,
    },
    month: {
      total: Object.values(charges).reduce((sum, each) => sum + each, 0),
      charges,
      oldVersions,
      unfinishedUploads,
      byClass: [...byClass]
        .map(([storageClass, sum]) => ({ storageClass, ...sum }))
        .toSorted((a, b) => b.total - a.total),
      byRegion: [...regions].map(([region, sum]) => ({ region, ...sum })).toSorted((a, b) => b.total - a.total),
      byUser: scope.all ? await byUser(use.database, bill, requestsBy) : [],
      byPrefix: await byPrefix(use.database, folders, bill),
    },
    forecast: forecastOf(wholeRuns, use.now()),
    advice,
    applied: (await findApplied(use.database, scope.all ? undefined : wholeRuns))
      .filter(({ store, bucket }) => whole.has(`${store}/${bucket}`))
      .map((each) => ({
        store: each.store,
        bucket: each.bucket,
        rule: each.rule,
        appliedAt: each.appliedAt.toISOString(),
        endedAt: each.endedAt?.toISOString() ?? null,
        measuredAt: each.measuredAt > each.appliedAt ? each.measuredAt.toISOString() : null,
        ...sumOf(each.moved),
        saved: each.observed.unmeasured === undefined ? each.saved : null,
        unmeasured: each.observed.unmeasured ?? null,
        fees: each.fees,
        promised: promisedSoFar(each),
      })),
    notCounted: NOT_COUNTED,
    countedAt: countedAtOf(scope),
  }
}

/** Requests and retrieval of the last 30 days. Every request counts as to STANDARD but reads, whose class is known. */
function requestCharges(
  { region, summary }: UsageRun,
  book: PriceBook,
): { requests: number; retrieval: number; byUser: Map<string | null, number> } {
  const { classes } = pricesOf(book, region)
  const standard = classes['STANDARD']!
  const byUser = new Map<string | null, number>()
  let requests = 0
  for (const { userId, puts, gets } of summary.requests) {
    const amount = (puts * standard.perThousandPuts + gets * standard.perThousandGets) / 1000
    byUser.set(userId, amount)
    requests += amount
  }
  let retrieval = 0
  for (const [storageClass, [count, bytes]] of Object.entries(summary.reads)) {
    const price = classes[storageClass] ?? standard
    retrieval += (bytes / GIB) * price.perGBRetrieved + (count * price.perThousandRetrievals) / 1000
    requests += (count * Math.max(0, price.perThousandGets - standard.perThousandGets)) / 1000
  }
  return { requests, retrieval, byUser }
}

type Bill = (folder: FolderRow) => { readonly storage: number; readonly monitoring: number }

async function byUser(
  sql: Sql,
  bill: Bill,
  requestsBy: ReadonlyMap<string | null, number>,
): Promise<CostAnalysis['month']['byUser']> {
  const rows = new Map<string | null, CostAnalysis['month']['byUser'][number]>()
  for (const home of await findHomes(sql, USERS)) {
    const paid = bill(home)
    rows.set(home.userId, {
      userId: home.userId,
      userName: home.userName,
      storage: paid.storage + paid.monitoring,
      requests: 0,
    })
  }
  const unknown = [...requestsBy.keys()].filter((userId) => userId !== null && !rows.has(userId))
  const names = new Map(
    (
      await sql.query<{ id: string; name: string | null }>(
        `select id, coalesce(name, email) as name from users where id = any($1::text[])`,
        [unknown],
      )
    ).map(({ id, name }) => [id, name]),
  )
  for (const [userId, amount] of requestsBy) {
    const row = rows.get(userId)
    const userName = userId === null ? null : (names.get(userId) ?? null)
    rows.set(userId, row ? { ...row, requests: amount } : { userId, userName, storage: 0, requests: amount })
  }
  return [...rows.values()].toSorted((a, b) => b.storage + b.requests - a.storage - a.requests).slice(0, USERS)
}

async function byPrefix(
  sql: Sql,
  folders: readonly FolderRow[],
  bill: Bill,
): Promise<CostAnalysis['month']['byPrefix']> {
  const largest = folders.toSorted((a, b) => b.bytes - a.bytes).slice(0, BUCKETS)
  const below = await Promise.all(largest.map((folder) => findChildren(sql, folder, FOLDERS)))
  return below
    .flat()
    .map((folder) => ({ bucket: folder.bucket, prefix: folder.prefix, storage: bill(folder).storage }))
    .toSorted((a, b) => b.storage - a.storage)
    .slice(0, FOLDERS)
}

/** The months from the next on, as the latest inventories saw them. */
function forecastOf(runs: readonly UsageRun[], now: number): CostAnalysis['forecast'] {
  const months = Math.max(0, ...runs.map(({ outlook }) => outlook.months.length))
  const today = new Date(now)
  return Array.from({ length: months }, (_, at) => {
    const month = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1 + at)).toISOString().slice(0, 7)
    let total = 0
    let advised = 0
    for (const { outlook } of runs) {
      total += outlook.months[at] ?? 0
      advised += outlook.months[at] ?? 0
      for (const { months: of } of outlook.advice) advised -= (of[at]?.without ?? 0) - (of[at]?.with ?? 0)
    }
    return { month, total, advised }
  })
}
