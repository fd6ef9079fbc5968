import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { clientConfigOf, type SocketConnection } from '../../apps/server/src/db/database-connection.ts'
import { measure } from './measure.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'

const CONNECTIONS = 16

/** Rows that are there before each measurement; the audit log of ten million takes about two minutes to fill. */
const SIZES = [
  { permissions: 10, auditEvents: 0 },
  { permissions: 1_000_000, auditEvents: 0 },
  { permissions: 1_000_000, auditEvents: 10_000_000 },
]

/** Whether the hot path stays as fast when permissions and audit log grow: one system, filled between measurements. */
export async function scale(rounds: number, seconds: number): Promise<void> {
  await using skyCrate = await startSkyCrate()
  const { host, port, request, pids } = skyCrate
  const client = await connectTo(skyCrate.dataDir)
  const rows: (string | number)[][] = []
  let first = 0
  try {
    for (const size of SIZES) {
      await fill(client, size)
      const rates: number[] = []
      for (let round = 0; round < rounds; round++) {
        const job = { host, port, request, connections: CONNECTIONS, warmUpMs: 1000, durationMs: seconds * 1000 }
        rates.push((await measure(job, pids)).perSecond)
      }
      const rate = rates.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!
      first ||= rate
      rows.push([size.permissions, size.auditEvents, Math.round(rate), `${(rate / first).toFixed(2)}x`])
    }
  } finally {
    await client.end()
  }
  printTable(
    ['permissions', 'audit events before', 'requests/s', 'of the first row'],
    rows,
    `${CONNECTIONS} connections, medians of ${rounds} rounds of ${seconds} s`,
  )
}

/** The embedded database of a running system; its socket's folder is the fifth line of what PostgreSQL writes down. */
export function socketOf(dataDir: string): SocketConnection {
  const lines = readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')
  return { host: lines[4]!, user: 'skycrate', database: 'skycrate' }
}

export async function connectTo(dataDir: string): Promise<Client> {
  const client = new Client(clientConfigOf(socketOf(dataDir)))
  await client.connect()
  return client
}

async function fill(client: Client, size: { permissions: number; auditEvents: number }): Promise<void> {
  await client.query(
    `insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list)
     select 'prm_' || lpad(n::text, 26, '0'), 'user', 'usr_' || lpad((n / 100)::text, 26, '0'), 'bucket-' || n % 50,
       'folder-' || n || '/', true, true, false, true
     from generate_series(1, $1::int) n on conflict (id) do nothing`,
    [size.permissions],
  )
  await client.query(
    `insert into audit_events (id, at, action, outcome, user_id, bucket, key, reason, request_id, ip, user_agent)
     select 'evt_' || left(substr(audit_first_id(now()), 5), 10) || lpad(n::text, 16, '0'), now(), 'object.get', 'allow', 'usr_' || lpad((n % 10000)::text, 26, '0'),
       'bucket-a', 'folder-7/report-' || n || '.pdf', 'prm_1', 'req_' || n, '127.0.0.1', 'bench'
     from generate_series(1, $1::int) n on conflict (id) do nothing`,
    [size.auditEvents],
  )
  await client.query('vacuum analyze permissions, audit_events')
  await client.query('checkpoint')
  await settled(client)
}

/** PostgreSQL tidies up after such a load by itself; what is measured is the state after it, which lasts. */
export async function settled(client: Client): Promise<void> {
  for (let i = 0; i < 120; i++) {
    const { rows } = await client.query(`select 1 from pg_stat_activity where backend_type = 'autovacuum worker'`)
    if (rows.length === 0 && i >= 10) return
    await sleep(1000)
  }
}
