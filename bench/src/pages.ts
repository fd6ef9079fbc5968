import type { NewPermission, WhoCanRequest } from '@skycrate/contract/permissions/schemas'
import { readAuditEvents } from '../../apps/server/src/audit/audit-reader.ts'
import { readAuditStats } from '../../apps/server/src/audit/audit-stats.ts'
import { readPermissionPage } from '../../apps/server/src/access/permission-list.ts'
import { fromPermissionBody } from '../../apps/server/src/access/permission-rows.ts'
import { previewOf } from '../../apps/server/src/access/preview.ts'
import { whoCan } from '../../apps/server/src/access/who-can.ts'
import type { Database } from '../../apps/server/src/db/database.ts'
import { openDatabase } from '../../apps/server/src/db/open.ts'
import { listUsers } from '../../apps/server/src/users/list-users.ts'
import { BUCKETS, DAYS, fillRows, groupsOf, type Rows, summed, userOf } from './pages-rows.ts'
import { type PlanSummary, recordPlans } from '../../apps/server/src/db/record-plans.ts'
import { connectTo, settled, socketOf } from './scale.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'

const REPEATS = 100
/** Milliseconds for one request, and for all of a page: a slow one is measured with fewer. */
const REQUEST_MS = 30_000
const PAGE_MS = 20_000
/** Milliseconds at the 99th percentile. */
const LIMIT = 50
/** Of what counts a tenth of all users, or all of them, and of the numbers of the audit log. */
const COUNT_LIMIT = 500

/** The `i`-th request differs from the one before, so that no answer comes from what the last one read. */
interface Page {
  readonly what: string
  readonly path: (i: number) => string
  /** Of a POST. */
  readonly body?: (i: number) => WhoCanRequest | { readonly create: NewPermission }
  readonly limit?: number
}

/** Lists over a loaded database: what a caller waits, beside what PostgreSQL did for it. */
export async function pages(rows: Rows): Promise<void> {
  await using skyCrate = await startSkyCrate()
  const client = await connectTo(skyCrate.dataDir)
  try {
    await fillRows(client, rows)
    await summed(client)
    await settled(client)
  } finally {
    await client.end()
  }
  await measurePages(skyCrate, rows)
}

/** Of a system that holds these rows already. */
export async function measurePages(
  skyCrate: { readonly dataDir: string; readonly port: number; readonly token: string },
  rows: Rows,
): Promise<void> {
  await using database = openDatabase({
    connection: socketOf(skyCrate.dataDir),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
  const table: (string | number)[][] = []
  for (const page of pagesOf(rows)) {
    const { p50, p99 } = await timesOf(page, `http://127.0.0.1:${skyCrate.port}/api/v1`, skyCrate.token)
    const { limit = LIMIT } = page
    const plan = await planOf(page, database)
    const misses = [...(p99 > limit ? ['too slow'] : []), ...plan.faults].join(', ')
    table.push([page.what, p50.toFixed(1), p99.toFixed(1), limit, misses, plan.rows, plan.indexes.join(', ')])
  }
  printTable(
    ['page', 'p50 ms', 'p99 ms', 'limit ms', 'misses', 'rows looked at', 'indexes'],
    table,
    `${rows.users} users, ${rows.permissions} permissions, ${rows.events} audit events over ${DAYS} days; ` +
      'one request at a time, each for something else',
  )
}

function pagesOf(rows: Rows): Page[] {
  const user = (i: number): string => userOf((i * 7919 + 7) % rows.users)
  const bucket = (i: number): string => `bucket-${(i * 7 + 7) % BUCKETS}`
  const whoCanOf = (folder: (i: number) => string) => ({
    path: () => '/permissions/who-can',
    body: (i: number) => ({ bucket: bucket(i), key: `${folder(i)}report.pdf`, action: 'read' as const }),
  })
  const middle = `prm_${String(Math.floor(rows.permissions / 2)).padStart(26, '0')}`
  const since = new Date(Math.floor(Date.now() / 86_400_000 - DAYS) * 86_400_000).toISOString()
  return [
    { what: 'users', path: () => '/users' },
    { what: 'users, in the middle', path: (i) => `/users?cursor=${user(i)}` },
    { what: 'users, active', path: () => '/users?state=active' },
    { what: 'users, suspended', path: () => '/users?state=suspended' },
    { what: 'users by e-mail', path: (i) => `/users?search=grace.hopper${i % 10}` },
    { what: 'users by one letter', path: (i) => `/users?search=${'agebdfjrk'[i % 9]}` },
    { what: 'users by name', path: (i) => `/users?search=Grace%20Hopper${i % 10}` },
    { what: 'users by last name', path: (i) => `/users?search=hopper${i % 10}` },
    { what: 'users by domain', path: (i) => `/users?search=team-${i % 40}.example` },
    { what: 'users, nobody found', path: (i) => `/users?search=zz${i}` },
    { what: 'suspended users by name', path: (i) => `/users?state=suspended&search=${'agebdfjrk'[i % 9]}` },
    { what: 'suspended users, nobody found', path: (i) => `/users?state=suspended&search=zz${i}` },
    { what: 'permissions', path: () => '/permissions' },
    {
      what: 'permissions, in the middle',
      path: () => `/permissions?cursor=${Buffer.from(`["${middle}"]`).toString('base64url')}`,
    },
    { what: 'permissions by user', path: (i) => `/permissions?userId=${user(i)}` },
    { what: 'permissions by group', path: (i) => `/permissions?group=group-${(i % groupsOf(rows)) + 1}` },
    { what: 'permissions for everyone', path: () => '/permissions?kind=everyone' },
    { what: 'permissions by store', path: () => '/permissions?store=other' },
    { what: 'permissions by bucket', path: (i) => `/permissions?bucket=${bucket(i)}` },
    { what: 'permissions by bucket and prefix', path: (i) => `/permissions?bucket=${bucket(i)}&prefix=folder-${i}` },
    { what: 'permissions by bucket and user', path: (i) => `/permissions?bucket=${bucket(i)}&userId=${user(i)}` },
    { what: 'who can', ...whoCanOf((i) => `folder-${i}/2026/`) },
    { what: 'who can, a tenth of all', ...whoCanOf(() => 'large/'), limit: COUNT_LIMIT },
    { what: 'who can, everyone', ...whoCanOf(() => 'everyone/'), limit: COUNT_LIMIT },
    { what: 'who can, one by a variable', ...whoCanOf((i) => `people/${user(i)}/`) },
    {
      what: 'preview for everyone',
      path: () => '/permissions/preview',
      body: (i) => ({
        create: { principal: { kind: 'everyone' }, bucket: bucket(i), prefix: 'everyone/', actions: ['write'] },
      }),
      limit: COUNT_LIMIT,
    },
    { what: 'audit logs', path: () => '/audit/logs' },
    { what: 'audit logs by user', path: (i) => `/audit/logs?userId=${user(i)}` },
    { what: 'audit logs by bucket', path: (i) => `/audit/logs?bucket=${bucket(i)}` },
    { what: 'audit logs by bucket and prefix', path: (i) => `/audit/logs?bucket=${bucket(i)}&prefix=folder-${i}/` },
    { what: 'audit logs by action', path: () => '/audit/logs?action=object.delete' },
    { what: 'audit logs by denial', path: () => '/audit/logs?outcome=deny' },
    {
      what: 'audit logs by request',
      path: (i) => `/audit/logs?requestId=req_${String((i * 7919) % rows.events).padStart(26, '0')}`,
    },
    { what: 'audit logs by user and denial', path: (i) => `/audit/logs?userId=${user(i)}&outcome=deny` },
    { what: `audit stats of ${DAYS} days`, path: () => `/audit/stats?from=${since}`, limit: COUNT_LIMIT },
  ]
}

/** Milliseconds, of up to 100 requests within 20 seconds. */
async function timesOf(
  page: Page,
  api: string,
  token: string,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = []
  const end = performance.now() + PAGE_MS
  for (let i = 0; i < REPEATS && performance.now() < end; i++) {
    const start = performance.now()
    const path = page.path(i)
    const answer = await fetch(`${api}${path}`, {
      signal: AbortSignal.timeout(REQUEST_MS),
      headers: { authorization: `Bearer ${token}`, ...(page.body ? { 'content-type': 'application/json' } : {}) },
      ...(page.body ? { method: 'POST', body: JSON.stringify(page.body(i)) } : {}),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    await answer.arrayBuffer()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return { p50: times[Math.floor(times.length / 2)]!, p99: times[Math.ceil(times.length * 0.99) - 1]! }
}

/** The same request through the functions that serve it, since only they know their queries. */
async function planOf(page: Page, real: Database): Promise<PlanSummary> {
  const { database, summary } = recordPlans(real)
  const { pathname, searchParams } = new URL(page.path(0), 'http://localhost')
  const query = Object.fromEntries(searchParams)
  switch (pathname) {
    case '/users':
      await listUsers(database, query)
      break
    case '/permissions': {
      const { cursor, ...filter } = query
      await readPermissionPage(database, filter, 100, cursor)
      break
    }
    case '/permissions/who-can':
    case '/permissions/preview': {
      const body = page.body!(0)
      if ('create' in body) {
        await previewOf(database, { before: undefined, after: fromPermissionBody(body.create) }, Date.now())
      } else await whoCan(database, body, Date.now())
      break
    }
    case '/audit/logs':
      await readAuditEvents(database, { ...query, limit: 100 })
      break
    case '/audit/stats':
      await readAuditStats(database, { from: Date.parse(query['from']!), to: Date.now() })
      break
    default:
      throw new Error(`no query is known of ${pathname}`)
  }
  return summary()
}
