import { createHash, randomBytes } from 'node:crypto'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import type { Linker } from '../users/identities/link-identity.ts'

/** Seconds that a sign-in at an issuer may take. */
export const ATTEMPT_SECONDS = 600

/** A sign-in at an issuer that a browser has begun. */
export interface SignInAttempt {
  readonly issuerId: string
  readonly nonce: string
  readonly codeVerifier: string
  /** A page of the web app. */
  readonly returnTo: string
  /** Who links the identity, instead of signing in with it. */
  readonly link: Linker | undefined
}

/** What binds attempts to the browser that began them; 256 bits. */
export type BrowserMark = `skyo_${string}`

const MARK = /^skyo_[\w-]{43}$/

export function parseBrowserMark(text: string | undefined): BrowserMark | undefined {
  return text !== undefined && MARK.test(text) ? (text as BrowserMark) : undefined
}

export const newBrowserMark = (): BrowserMark => `skyo_${randomBytes(32).toString('base64url')}`

/** Rows of one statement. */
const BATCH = 2000

/** @param state what comes back with the answer; only its hash is stored */
export async function insertAttempt(sql: Sql, state: string, mark: BrowserMark, attempt: SignInAttempt): Promise<void> {
  await sql.query(
    `insert into sign_in_attempts (state_hash, browser_hash, issuer_id, nonce, code_verifier, return_to,
       link_user_id, link_session_id, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))`,
    [
      hashOf(state),
      hashOf(mark),
      attempt.issuerId,
      attempt.nonce,
      attempt.codeVerifier,
      attempt.returnTo,
      attempt.link?.userId ?? null,
      attempt.link?.sessionId ?? null,
      ATTEMPT_SECONDS,
    ],
  )
}

/**
 * Uses the attempt up, whoever asks: of two who bring the same state, one gets it.
 * @returns undefined where there is none, it has expired, or another browser began it
 */
export async function takeAttempt(
  sql: Sql,
  state: string,
  mark: BrowserMark | undefined,
): Promise<SignInAttempt | undefined> {
  const [row] = await sql.query<{
    browser_hash: Buffer
    issuer_id: string
    nonce: string
    code_verifier: string
    return_to: string
    link_user_id: UserId | null
    link_session_id: SessionId | null
    is_live: boolean
  }>(`delete from sign_in_attempts where state_hash = $1 returning *, expires_at > now() as is_live`, [hashOf(state)])
  if (!row?.is_live || mark === undefined || !row.browser_hash.equals(hashOf(mark))) return undefined
  return {
    issuerId: row.issuer_id,
    nonce: row.nonce,
    codeVerifier: row.code_verifier,
    returnTo: row.return_to,
    link:
      row.link_user_id === null || row.link_session_id === null
        ? undefined
        : { userId: row.link_user_id, sessionId: row.link_session_id },
  }
}

export async function pruneAttempts(sql: Sql): Promise<void> {
  let pruned = BATCH
  while (pruned === BATCH) {
    const rows = await sql.query(
      `delete from sign_in_attempts where state_hash in (
         select state_hash from sign_in_attempts where expires_at < now() limit $1 for update skip locked
       ) returning 1`,
      [BATCH],
    )
    pruned = rows.length
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
