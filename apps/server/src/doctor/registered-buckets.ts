import type { BucketSummary } from '@skycrate/contract/buckets/schemas'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { clientConfigOf, type DatabaseConnection } from '../db/database-connection.ts'
import { openClient, runQuery } from '../db/open-client.ts'

/** Buckets that are looked at in one run; an installation can have thousands. */
const MAX_BUCKETS = 50

/** The buckets of the list that nobody's home was made of, without the library. */
export interface RegisteredBuckets {
  readonly buckets: readonly {
    readonly name: string
    readonly kind: BucketSummary['kind']
    readonly adopted: boolean
    readonly retentionDays: number | null
  }[]
  /** With those that were too many. */
  readonly total: number
}

/** @returns undefined where the database does not tell */
export async function registeredBuckets(connection: DatabaseConnection): Promise<RegisteredBuckets | undefined> {
  try {
    const client = await openClient({ ...clientConfigOf(connection), connectionTimeoutMillis: 5000 })
    try {
      const rows = await runQuery<RegisteredBuckets['buckets'][number] & { total: number }>(
        client,
        `select name, kind, adopted, retention_days as "retentionDays", (count(*) over ())::int as total from buckets
         where store = $1 and kind in ('created', 'registered') and state = 'ready' order by name limit ${MAX_BUCKETS}`,
        [DEFAULT_STORE],
      )
      return { buckets: rows, total: rows[0]?.total ?? 0 }
    } finally {
      await client.end()
    }
  } catch {
    // What is wrong with it is a finding of its own.
    return undefined
  }
}
