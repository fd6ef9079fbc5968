import type { Sessions } from '@skycrate/contract/sessions/schemas'
import { isId, type SessionId, type UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { AccountContext } from './account-context.ts'
import { endSession } from './sessions.ts'

/** Somebody who looks after their own sessions. */
export interface SessionOwner {
  readonly userId: UserId
  /** The session that they ask from; null where it is none of SkyCrate's. */
  readonly sessionId: SessionId | null
}

/** A user's own sessions. Each end is in the audit log before it counts, and counts in every process once it is answered. */
export interface OwnSessions {
  list(owner: SessionOwner): Promise<Sessions>
  /** @throws AppError `not-found`, for somebody else's session too */
  end(id: string, owner: SessionOwner, origin: RequestOrigin): Promise<void>
  /** All but the one that asks. */
  endOthers(owner: SessionOwner, origin: RequestOrigin): Promise<void>
}

interface Row {
  id: SessionId
  address: string
  user_agent: string | null
  created_at: Date
  last_used_at: Date | null
  expires_at: Date
}

export function createOwnSessions(context: AccountContext): OwnSessions {
  const { database, sessionsEnded, settled } = context

  /** @param pick locks the sessions to end */
  async function endAll(
    owner: SessionOwner,
    origin: RequestOrigin,
    pick: (tx: Sql) => Promise<SessionId[]>,
  ): Promise<void> {
    const { userId } = owner
    const ended = await changeRecorded(context, async (tx, record) => {
      const ids = await pick(tx)
      for (const id of ids) {
        await endSession(tx, id)
        await record(endOf(userId, id, origin))
      }
      return ids
    })
    if (ended.length === 0) return
    sessionsEnded(userId)
    await settled()
  }

  return {
    async list({ userId, sessionId }) {
      const rows = await database.query<Row>(
        `select id, address, user_agent, created_at, last_used_at, expires_at from sessions
         where user_id = $1 and revoked_at is null and expires_at > now() order by created_at desc, id desc`,
        [userId],
        'sessions-of-user',
      )
      return {
        sessions: rows.map((row) => ({
          id: row.id,
          createdAt: row.created_at.toISOString(),
          lastUsedAt: (row.last_used_at ?? row.created_at).toISOString(),
          expiresAt: row.expires_at.toISOString(),
          network: row.address,
          userAgent: row.user_agent,
          current: row.id === sessionId,
        })),
      }
    },

    end: (id, owner, origin) =>
      endAll(owner, origin, async (tx) => {
        const found = isId('ses', id) ? await lock(tx, owner.userId, 'and id = $2', id) : []
        if (found.length === 0) throw new AppError('not-found')
        return found
      }),

    endOthers: (owner, origin) =>
      endAll(owner, origin, (tx) => lock(tx, owner.userId, 'and id is distinct from $2', owner.sessionId)),
  }
}

async function lock(tx: Sql, userId: UserId, condition: string, id: SessionId | null): Promise<SessionId[]> {
  const rows = await tx.query<{ id: SessionId }>(
    `select id from sessions where user_id = $1 and revoked_at is null and expires_at > now() ${condition}
     order by id for update`,
    [userId, id],
  )
  return rows.map((row) => row.id)
}

function endOf(userId: UserId, sessionId: SessionId, origin: RequestOrigin): NewAuditEvent {
  return {
    action: 'auth.end-session',
    outcome: 'allow',
    userId,
    targetUserId: userId,
    bucket: null,
    key: null,
    reason: null,
    detail: { sessionId },
    origin,
  }
}
