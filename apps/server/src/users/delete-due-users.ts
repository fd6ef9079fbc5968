import type { JobId, UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import { byProcess } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { etagOf, preconditionOf } from '../precondition.ts'
import type { Users } from './users.ts'

/** Users of one look, so that a job never takes long. */
const BATCH = 100

/** Starts the deletion of everybody who deleted their own account and whose days of grace are over. */
export async function deleteDueUsers(
  use: { readonly database: Sql; readonly users: Users; readonly logger: FastifyBaseLogger },
  jobId: JobId,
): Promise<void> {
  const { database, users, logger } = use
  const due = await database.query<{ id: UserId; updated_at: Date }>(
    `select id, updated_at from users where delete_at <= now() and state in ('active', 'suspended')
     order by delete_at limit $1`,
    [BATCH],
  )
  for (const { id, updated_at: updatedAt } of due) {
    // Whoever signs in meanwhile has changed the row, and keeps the account.
    const unchanged = preconditionOf(etagOf(updatedAt.toISOString()))
    try {
      await users.delete(id, { home: 'delete' }, unchanged, { userId: id, origin: byProcess(jobId) })
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'database-unavailable') throw error
      if (error.code === 'precondition-failed') continue
      // Nobody else is an administrator any more: then it stays.
      logger.warn({ userId: id, code: error.code }, 'an account that its user deleted stays')
      await database.query('update users set delete_at = null, updated_at = now() where id = $1', [id])
    }
  }
}
