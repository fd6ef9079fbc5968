import { performance } from 'node:perf_hooks'
import type { FastifyBaseLogger } from 'fastify'
import { watchFreshness } from '../access/freshness.ts'
import { createPasswordLinks } from '../accounts/password-links.ts'
import { openPasswords } from '../accounts/password.ts'
import { createAuditLog } from '../audit/audit-writer.ts'
import type { Config } from '../config/config.ts'
import type { DatabaseConnection } from '../db/database-connection.ts'
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open.ts'
import { readsOf } from '../db/reads.ts'
import { openIssuers } from '../issuers/open-issuers.ts'
import { createJobs } from '../jobs/jobs.ts'
import { createUsers, type Users } from '../users/users.ts'

export interface UserServices extends AsyncDisposable {
  readonly database: Database
  readonly users: Users
}

/**
 * The use cases on users alone, for a process that does nothing else: it needs neither the store nor the secret.
 * @throws AppError `database-unavailable`
 */
export async function createUserServices(
  config: Config,
  connection: DatabaseConnection,
  logger: FastifyBaseLogger,
): Promise<UserServices> {
  await using starting = new AsyncDisposableStack()
  const now = Date.now
  const database = starting.use(openDatabase({ connection, logger }))
  const audit = createAuditLog({ sql: database.hot, logger, now })
  starting.defer(() => audit.drain())
  const freshness = starting.use(await watchFreshness(database, logger, () => performance.now()))
  const issuers = starting.use(await openIssuers({ database, configured: config.issuers, sealing: undefined, logger }))
  const passwords = await openPasswords()
  const users = createUsers({
    reads: readsOf(database),
    database,
    audit,
    jobs: createJobs({ database, logger, now }),
    passwords,
    links: createPasswordLinks({ database, audit, passwords, now, publicUrl: config.http.publicUrl }),
    isIssuer: (issuer) => issuers.byIssuer(issuer) !== undefined,
    now,
    settled: () => freshness.settled(),
  })
  const running = starting.move()
  return { database, users, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
