import type { Client } from 'pg'
import { connectTo } from './scale.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'

const DAYS = 90
const REPEATS = 100

/** Pages and numbers of the audit log over a loaded database: 99th percentile of what a caller waits, and the plan. */
export async function pages(events: number): Promise<void> {
  await using skyCrate = await startSkyCrate()
  const client = await connectTo(skyCrate.dataDir)
  try {
    await fill(client, events)
    await summed(client)
    const from = new Date(Math.floor(Date.now() / 86_400_000 - DAYS) * 86_400_000).toISOString()
    const paths: Readonly<Record<string, string>> = {
      'audit logs': '/audit/logs',
      'by user': `/audit/logs?userId=${userOf(7)}`,
      'by bucket': '/audit/logs?bucket=bucket-7',
      'by bucket and prefix': '/audit/logs?bucket=bucket-7&prefix=folder-3/',
      'by action': '/audit/logs?action=object.delete',
      'by denial': '/audit/logs?outcome=deny',
      'by request': '/audit/logs?requestId=req_00000000000000000000000777',
      'by user and denial': `/audit/logs?userId=${userOf(7)}&outcome=deny`,
      'stats of 90 days': `/audit/stats?from=${from}`,
    }
    const rows: (string | number)[][] = []
    for (const [what, path] of Object.entries(paths)) {
      const times: number[] = []
      for (let i = 0; i < (path.startsWith('/audit/stats') ? 10 : REPEATS); i++) {
        const start = performance.now()
        const answer = await fetch(`http://127.0.0.1:${skyCrate.port}/api/v1${path}`, {
          headers: { authorization: `Bearer ${skyCrate.token}` },
        })
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
        await answer.arrayBuffer()
        times.push(performance.now() - start)
      }
      times.sort((a, b) => a - b)
      rows.push([
        what,
        times[Math.floor(times.length / 2)]!.toFixed(1),
        times[Math.ceil(times.length * 0.99) - 1]!.toFixed(1),
      ])
    }
    printTable(['page', 'p50 ms', 'p99 ms'], rows, `${events} audit events over ${DAYS} days, one request at a time`)
    for (const [what, sql] of Object.entries(PLANS)) {
      const { rows: plan } = await client.query<{ 'QUERY PLAN': string }>(`explain ${sql}`)
      process.stdout.write(
        `\n${what}:\n${plan
          .map((row) => `  ${row['QUERY PLAN']}`)
          .slice(0, 8)
          .join('\n')}\n`,
      )
    }
  } finally {
    await client.end()
  }
}

const userOf = (n: number): string => `usr_${String(n).padStart(26, '0')}`

const PLANS: Readonly<Record<string, string>> = {
  'by user': `select id from audit_events where user_id = '${userOf(7)}' order by id desc limit 101`,
  'by bucket': `select id from audit_events where bucket = 'bucket-7' order by id desc limit 101`,
  'by action': `select id from audit_events where action = 'object.delete' and outcome = 'allow' order by id desc limit 101`,
  'by denial': `select id from audit_events where outcome = 'deny' order by id desc limit 101`,
}

/** Evenly over the days, the newest last; each part of a statement's size. */
async function fill(client: Client, events: number): Promise<void> {
  const [start, step] = [Date.now() - DAYS * 86_400_000, (DAYS * 86_400_000) / events]
  const part = 500_000
  for (const month = new Date(start); month.getTime() < Date.now(); month.setUTCMonth(month.getUTCMonth() + 1, 1)) {
    await createMonth(client, month)
  }
  await client.query('alter table audit_events disable trigger audit_events_late')
  for (let first = 0; first < events; first += part) {
    await client.query(
      `insert into audit_events (id, at, action, outcome, user_id, store, bucket, key, request_id, ip, user_agent)
       select left(audit_first_id(at), 14) || lpad(n::text, 16, '0'), at,
         case when n % 1000 = 0 then 'object.delete' when n % 5 = 0 then 'object.put' else 'object.get' end,
         case when n % 200 = 0 then 'deny' else 'allow' end,
         'usr_' || lpad((n::bigint * 7919 % $4::int)::text, 26, '0'), 'default', 'bucket-' || n % 50,
         'folder-' || n % 100 || '/report-' || n || '.pdf', 'req_' || lpad(n::text, 26, '0'), '127.0.0.1', 'bench'
       from generate_series($1::int, $2::int) n, lateral (select to_timestamp(($3::float8 + n * $5::float8) / 1000) as at) t`,
      [first, Math.min(first + part, events) - 1, start, Math.max(1000, Math.floor(events / 10)), step],
    )
  }
  await client.query('alter table audit_events enable trigger audit_events_late')
  await client.query('vacuum analyze audit_events')
  await client.query('checkpoint')
}

async function createMonth(client: Client, day: Date): Promise<void> {
  const month = `${day.toISOString().slice(0, 7)}-01`
  const name = `audit_events_${month.slice(0, 7).replace('-', '_')}`
  const { rows } = await client.query(`select 1 from pg_class where relname = $1`, [name])
  if (rows.length > 0) return
  // The range before the first month is one partition of a new database: it gives way.
  await client.query(`
    do $$ begin
      if to_regclass('audit_events_before') is not null then drop table audit_events_before; end if;
      execute format('create table ${name} partition of audit_events for values from (%L) to (%L)',
        audit_first_id('${month}Z'::timestamptz), audit_first_id('${month}Z'::timestamptz + interval '1 month'));
    end $$`)
}

/** Waits until the system has summed the days that are over. */
async function summed(client: Client): Promise<void> {
  await client.query('delete from audit_days')
  for (let i = 0; i < 600; i++) {
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from audit_days')
    if (rows[0]!.n >= DAYS - 1) return
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  throw new Error('the days were not summed')
}
