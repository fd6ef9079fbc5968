import { clientConfigOf, type DatabaseConnection, describeConnection } from '../db/database-connection.ts'
import { sqlStateOf } from '../db/database-error.ts'
import { MigrationError, requireMigrated } from '../db/migrate.ts'
import { openClient, runQuery } from '../db/open-client.ts'
import { bad, type Checks, checksOf, type Finding, good, messageOf, skipped, type Verdict, warning } from './finding.ts'

const CONNECT_MS = 15_000
const LEAST_VERSION = 14
/** Milliseconds by which clocks may differ: tokens and permissions end by the clock of a process. */
const SKEW_TOLERATED = 1000
const SKEW_BEARABLE = 30_000
/** Of the connections that PostgreSQL takes. */
const CONNECTIONS_USED = 0.8

interface Facts {
  readonly version: string
  readonly number: number
  readonly now: Date
  readonly replica: boolean
  readonly writes: string
  readonly fsync: string
  readonly create: boolean
  readonly used: number
  readonly most: number
}

const FACTS = `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
  clock_timestamp() as now, pg_is_in_recovery() as replica,
  current_setting('default_transaction_read_only') as writes, current_setting('fsync') as fsync,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as create,
  (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as used,
  current_setting('max_connections')::int as most`

/**
 * @param unreachable where it is known beforehand that there is no database to ask, the reason
 * @param now milliseconds since the epoch
 */
export async function checkDatabase(
  connection: DatabaseConnection | { readonly unreachable: string },
  now: () => number,
): Promise<readonly Finding[]> {
  const checks = checksOf('database')
  const asked = await ask(checks, connection, now)
  if (asked === undefined || 'unreachable' in connection) {
    for (const [id, title] of [
      ['version', 'Version'],
      ['migrations', 'Schema'],
      ['writable', 'Writing'],
      ['durable', 'Durability'],
      ['clock', 'Clock'],
      ['connections', 'Connections'],
    ] as const) {
      await checks.run(id, title, () => skipped('The database could not be reached.'))
    }
    return checks.findings
  }
  const { facts, skew, uncertain } = asked
  await checks.run('version', 'Version', () =>
    facts.number >= LEAST_VERSION * 10_000
      ? good(`PostgreSQL ${facts.version}`)
      : bad(`PostgreSQL ${facts.version} is too old.`, `Upgrade PostgreSQL to version ${LEAST_VERSION} or later.`),
  )
  await checks.run('migrations', 'Schema', async () => {
    try {
      await requireMigrated(connection)
      return good('The schema is that of this version.')
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error
      return bad(
        `${messageOf(error)}.`,
        'Start this version of SkyCrate: it creates and upgrades the schema by itself. If it does not start, its message says why.',
      )
    }
  })
  await checks.run('writable', 'Writing', () => writable(facts))
  await checks.run('durable', 'Durability', () =>
    facts.fsync === 'on'
      ? good('A commit is on the disk before it is acknowledged.')
      : bad('fsync is off: a power failure can lose audit events and damage the database.', 'Set fsync = on.'),
  )
  await checks.run('clock', 'Clock', () => clock(skew, uncertain))
  await checks.run('connections', 'Connections', () =>
    facts.used < facts.most * CONNECTIONS_USED
      ? good(`${facts.used} of ${facts.most} are in use.`)
      : warning(
          `${facts.used} of ${facts.most} are in use.`,
          'Raise max_connections, run fewer processes, or end what else uses this PostgreSQL.',
        ),
  )
  return checks.findings
}

async function ask(
  checks: Checks,
  connection: DatabaseConnection | { readonly unreachable: string },
  now: () => number,
): Promise<{ facts: Facts; skew: number; uncertain: number } | undefined> {
  let asked: { facts: Facts; skew: number; uncertain: number } | undefined
  await checks.run('reach', 'Reach', async () => {
    if ('unreachable' in connection) {
      return bad(
        connection.unreachable,
        'Start SkyCrate with npm start, with the same SKYCRATE_DATA or DATABASE_URL as here.',
      )
    }
    try {
      const client = await openClient({
        ...clientConfigOf(connection),
        connectionTimeoutMillis: CONNECT_MS,
        application_name: 'skycrate doctor',
      })
      try {
        const before = now()
        const [facts] = await runQuery<Facts>(client, FACTS)
        const after = now()
        const uncertain = (after - before) / 2
        asked = { facts: facts!, skew: facts!.now.getTime() - (before + uncertain), uncertain }
      } finally {
        await client.end()
      }
      return good(`PostgreSQL answers at ${describeConnection(connection)}.`)
    } catch (error) {
      return unreachable(error)
    }
  })
  return asked
}

function unreachable(error: unknown): Verdict {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const detail = `PostgreSQL can't be used: ${messageOf(cause)}.`
  const state = sqlStateOf(cause)
  if (state?.startsWith('28')) {
    return bad(detail, 'Correct the user and the password in DATABASE_URL, and let the user in (pg_hba.conf).')
  }
  if (state === '3D000') return bad(detail, 'Create the database, or name one that exists in DATABASE_URL.')
  if (state?.startsWith('53')) return bad(detail, 'Raise max_connections, or run fewer processes.')
  return bad(
    detail,
    'Start PostgreSQL, correct host and port in DATABASE_URL, and let this machine connect (firewall, security group).',
  )
}

function writable({ replica, writes, create }: Facts): Verdict {
  if (replica || writes === 'on') {
    return bad(
      replica ? 'This PostgreSQL is a replica, which can only be read.' : 'Transactions are read-only here.',
      'Point DATABASE_URL to the primary.',
    )
  }
  if (!create) {
    return bad(
      'The user may not create tables, so upgrades of the schema fail.',
      'Make the user the owner of the database, or grant CREATE on its schema.',
    )
  }
  return good('The database can be written and upgraded.')
}

function clock(skew: number, uncertain: number): Verdict {
  const apart = Math.max(0, Math.abs(skew) - uncertain)
  const detail = `The clock of the database is ${(Math.abs(skew) / 1000).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} this machine's.`
  const mend = 'Synchronise both clocks by NTP.'
  if (apart > SKEW_BEARABLE) return bad(detail, mend)
  return apart > SKEW_TOLERATED ? warning(detail, mend) : good('Both clocks agree.')
}
