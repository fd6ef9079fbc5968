import type { Client } from 'pg'

export const DAYS = 90
/** Rows of one statement, so that none takes longer than `STATEMENT_MS`. */
const PART = 500_000
const STATEMENT_MS = 300_000
/** Seconds in which one more day is summed. */
const SUM_PATIENCE = 300
export const BUCKETS = 50
export const ISSUER = 'https://issuer.example/'

export interface Rows {
  readonly events: number
  readonly users: number
  readonly permissions: number
}

export const userOf = (n: number): string => `usr_${String(n).padStart(26, '0')}`
/** One group for every 1,000 users, each with as many; the first has a tenth of all. */
export const groupsOf = ({ users }: Rows): number => Math.max(1, Math.floor(users / 1000))

const userSql = (n: string): string => `'usr_' || lpad((${n})::text, 26, '0')`

/** Fills a new database. Set-based: a minute for each few million rows. */
export async function fillRows(client: Client, rows: Rows): Promise<void> {
  await client.query(`set statement_timeout = ${STATEMENT_MS}`)
  await fillUsers(client, rows)
  await fillGroups(client, rows)
  await fillPermissions(client, rows)
  await fillEvents(client, rows)
  await client.query('vacuum analyze users, identities, groups, group_members, permissions, audit_events')
  await client.query('checkpoint')
}

async function inParts(count: number, insert: (first: number, last: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < count; first += PART) await insert(first, Math.min(first + PART, count) - 1)
}

/** Forty domains, names as they repeat among people; one in a hundred is suspended, one invited, one deleted. */
async function fillUsers(client: Client, { users }: Rows): Promise<void> {
  await inParts(users, async (first, last) => {
    await client.query(
      `insert into users (id, email, email_verified, email_issuer, name, state)
       select ${userSql('n')}, lower(given || '.' || family) || '.' || n || '@team-' || n % 40 || '.example', true, $3,
         given || ' ' || family, coalesce((array['suspended', 'invited', 'deleted'])[n % 100 + 1], 'active')
       from generate_series($1::int, $2::int) n, lateral (select
         (array['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'John', 'Radia', 'Ken'])[n % 10 + 1] as given,
         (array['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth', 'Allen', 'Backus', 'Perlman', 'Thompson',
           'Hamilton', 'Ritchie', 'Lamport'])[n % 13 + 1] || n % 997 as family) names`,
      [first, last, ISSUER],
    )
    await client.query(
      `insert into identities (issuer, subject, user_id)
       select $3, n::text, ${userSql('n')} from generate_series($1::int, $2::int) n`,
      [first, last, ISSUER],
    )
  })
}

async function fillGroups(client: Client, rows: Rows): Promise<void> {
  const groups = groupsOf(rows)
  await client.query(
    `insert into groups (id, name) select 'grp_' || lpad(n::text, 26, '0'), 'group-' || n from generate_series(0, $1::int) n`,
    [groups],
  )
  // One notification for each member would fill the queue of processes that listen.
  await client.query('alter table group_members disable trigger user')
  await inParts(rows.users, (first, last) =>
    client.query(
      `insert into group_members (group_id, user_id, from_claims)
       select 'grp_' || lpad((n % $3::int + 1)::text, 26, '0'), ${userSql('n')}, false
       from generate_series($1::int, $2::int) n
       union all select 'grp_' || lpad('0', 26, '0'), ${userSql('n')}, false
       from generate_series($1::int, $2::int) n where n % 10 = 0`,
      [first, last, groups],
    ),
  )
  await client.query('alter table group_members enable trigger user')
}

/**
 * Three of four for users, the others for groups, on a thousand folders of each bucket; the last hundredth in a store of its
 * own; and what is for everyone.
 */
async function fillPermissions(client: Client, rows: Rows): Promise<void> {
  await client.query(`insert into stores (id, kind) values ('other', 's3')`)
  await inParts(rows.permissions, (first, last) =>
    client.query(
      `insert into permissions (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list)
       select 'prm_' || lpad(n::text, 26, '0'), case when n % 4 = 0 then 'group' else 'user' end,
         case when n % 4 = 0 then 'group-' || (n / 4) % $4::int + 1 else ${userSql('n % $3::int')} end,
         case when n >= $5::int then 'other' else 'default' end, 'bucket-' || n % ${BUCKETS},
         'folder-' || (n / ${BUCKETS}) % 1000 || '/', true, true, false, true
       from generate_series($1::int, $2::int) n on conflict do nothing`,
      [first, last, rows.users, groupsOf(rows), Math.floor(rows.permissions * 0.99)],
    ),
  )
  await client.query(
    `insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list)
     select 'prm_0e' || lpad((n * 3 + k)::text, 24, '0'), kind, principal, 'bucket-' || n, prefix, true, false, false, true
     from generate_series(0, ${BUCKETS - 1}) n, (values
       (0, 'everyone', '', 'everyone/'), (1, 'everyone', '', 'people/\${user.id}/'), (2, 'group', 'group-0', 'large/')
     ) fixed (k, kind, principal, prefix)`,
  )
}

/** Evenly over the days, the newest last; users as the users are, one in two hundred refused. */
async function fillEvents(client: Client, { events, users }: Rows): Promise<void> {
  const [start, step] = [Date.now() - DAYS * 86_400_000, (DAYS * 86_400_000) / events]
  for (const month = new Date(start); month.getTime() < Date.now(); month.setUTCMonth(month.getUTCMonth() + 1, 1)) {
    await createMonth(client, month)
  }
  await client.query('alter table audit_events disable trigger audit_events_late')
  await inParts(events, (first, last) =>
    client.query(
      `insert into audit_events (id, at, action, outcome, user_id, store, bucket, key, request_id, ip, user_agent)
       select left(audit_first_id(at), 14) || lpad(n::text, 16, '0'), at,
         case when n % 1000 = 0 then 'object.delete' when n % 5 = 0 then 'object.put' else 'object.get' end,
         case when n % 200 = 0 then 'deny' else 'allow' end,
         ${userSql('n::bigint * 7919 % $4::int')}, 'default', 'bucket-' || n % ${BUCKETS},
         'folder-' || n % 100 || '/report-' || n || '.pdf', 'req_' || lpad(n::text, 26, '0'), '127.0.0.1', 'bench'
       from generate_series($1::int, $2::int) n, lateral (select to_timestamp(($3::float8 + n * $5::float8) / 1000) as at) t`,
      [first, last, start, users, step],
    ),
  )
  await client.query('alter table audit_events enable trigger audit_events_late')
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

/** Waits until the system has summed the days that are over; each takes it seconds, or a busy machine more. */
export async function summed(client: Client): Promise<void> {
  await client.query('delete from audit_days')
  let before = 0
  for (let waited = 0; waited < SUM_PATIENCE; waited++) {
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from audit_days')
    const { n } = rows[0]!
    if (n >= DAYS - 1) return
    if (n > before) waited = 0
    before = n
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  throw new Error(`no day was summed within ${SUM_PATIENCE} seconds; ${before} were before`)
}
