import type { SessionId, UserId } from '@skycrate/core/naming/id'
import { createSealing } from '../sealing.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { type LogoutTokenUse, useLogoutToken } from './logout-tokens.ts'
import type { AccountContext } from './account-context.ts'
import { hashBrowserToken, parseBrowserToken } from './browser-token.ts'
import { createIssuerSessionOpener, type IssuerSessionOpener } from './open-issuer-session.ts'
import { endSession } from './sessions.ts'

/** Sessions of users who signed in at an issuer in the browser. */
export interface IssuerSessions {
  readonly open: IssuerSessionOpener
  /** Of a session that goes on: whose it is at which issuer. */
  find(token: string): Promise<{ readonly issuer: string; readonly idToken: string | undefined } | undefined>
  /**
   * Ends what an issuer says has ended: one session of it, or all of a subject. Resolves once every process refuses them.
   * @param use of the token that says so
   * @returns false where that was used before
   */
  endAt(
    issuer: string,
    which: { readonly subject: string | undefined; readonly issuerSession: string | undefined },
    use: LogoutTokenUse,
    origin: RequestOrigin,
  ): Promise<boolean>
}

/** @param secret seals the ID tokens in the database */
export function createIssuerSessions(context: AccountContext, days: number, secret: string): IssuerSessions {
  const { database, events, sessionsEnded, settled } = context
  const sealing = createSealing(secret, 'skycrate id tokens')

  return {
    open: createIssuerSessionOpener(context, days, sealing),

    async find(text) {
      const token = parseBrowserToken(text)
      if (!token) return undefined
      const [row] = await database.query<{ id: SessionId; issuer: string; sealed_id_token: Buffer | null }>(
        `select id, issuer, sealed_id_token from sessions
         where browser_hash = $1 and issuer is not null and revoked_at is null and expires_at > now()`,
        [hashBrowserToken(token)],
      )
      if (!row) return undefined
      const idToken = row.sealed_id_token === null ? undefined : sealing.open(row.id, row.sealed_id_token)
      return { issuer: row.issuer, idToken }
    },

    async endAt(issuer, { subject, issuerSession }, use, origin) {
      if (subject === undefined && issuerSession === undefined) return true
      const ended = await database.transaction(async (tx) => {
        if (!(await useLogoutToken(tx, use))) return undefined
        const rows = await tx.query<{ id: SessionId; user_id: UserId }>(
          `select id, user_id from sessions
           where issuer = $1 and ($2::text is null or subject = $2) and ($3::text is null or issuer_session = $3)
             and revoked_at is null and expires_at > now()
           order by id for update`,
          [issuer, subject ?? null, issuerSession ?? null],
        )
        for (const row of rows) {
          await endSession(tx, row.id)
          const detail = { sessionId: row.id, method: 'back-channel-logout', issuer }
          await events.allowed('auth.end-session', row.user_id, detail, origin)
        }
        return rows
      })
      if (ended === undefined) return false
      if (ended.length === 0) return true
      for (const userId of new Set(ended.map((row) => row.user_id))) sessionsEnded(userId)
      await settled()
      return true
    },
  }
}
