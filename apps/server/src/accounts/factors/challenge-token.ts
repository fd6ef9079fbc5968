import { hash, randomBytes } from 'node:crypto'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import { createSealing } from '../../sealing.ts'
import type { Sql } from '../../db/database.ts'

/** Milliseconds in which a challenge may be answered. */
export const CHALLENGE_MS = 5 * 60_000

/** What a challenge is for, and what was proven before it. `client`: the app that signs somebody in, if it is one. */
export type ChallengePurpose =
  /** `password`: the version of the one that was right. */
  | {
      readonly purpose: 'sign-in'
      readonly userId: UserId
      readonly password: string
      readonly client?: string | undefined
    }
  /** A sign-in with a passkey, which says who it is. */
  | { readonly purpose: 'passkey'; readonly client?: string | undefined }
  | {
      readonly purpose: 'fresh'
      readonly userId: UserId
      readonly sessionId: SessionId
      readonly amr: readonly string[]
      readonly password: string
    }
  | { readonly purpose: 'create-passkey'; readonly userId: UserId }

export type Challenge = ChallengePurpose & {
  /** Random; what a passkey signs, and what is remembered of a used challenge. */
  readonly nonce: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Sealed, so that nothing is stored for a challenge that nobody answers, however many are asked for. */
export interface Challenges {
  create(purpose: ChallengePurpose): { readonly token: string; readonly nonce: string }
  /** Undefined for what is none of ours, is over, or was sealed for something else. */
  read(token: string): Challenge | undefined
}

const PREFIX = 'skyc_'
const NAME = 'challenge'

export function createChallenges(secret: string, now: () => number): Challenges {
  const sealing = createSealing(secret, 'skycrate challenges')
  return {
    create(purpose) {
      const nonce = randomBytes(32).toString('base64url')
      const challenge: Challenge = { ...purpose, nonce, expiresAt: now() + CHALLENGE_MS }
      return { nonce, token: PREFIX + sealing.seal(NAME, JSON.stringify(challenge)).toString('base64url') }
    },
    read(token) {
      if (!token.startsWith(PREFIX)) return undefined
      const text = sealing.open(NAME, Buffer.from(token.slice(PREFIX.length), 'base64url'))
      const challenge = text === undefined ? undefined : (JSON.parse(text) as Challenge)
      return challenge !== undefined && challenge.expiresAt > now() ? challenge : undefined
    },
  }
}

/**
 * In the transaction of what the answer brings about.
 * @returns whether it was not used before: of two answers at once, one counts
 */
export async function useChallenge(tx: Sql, { nonce, expiresAt }: Challenge): Promise<boolean> {
  const used = await tx.query(
    `insert into used_challenges (hash, expires_at) values ($1, $2) on conflict do nothing returning 1`,
    [Buffer.from(hash('sha256', nonce, 'hex'), 'hex'), new Date(expiresAt).toISOString()],
  )
  return used.length > 0
}

export async function pruneUsedChallenges(sql: Sql): Promise<void> {
  await sql.query(`delete from used_challenges where expires_at < now() - interval '1 minute'`)
}

/** Tells one password of an account from the next, without its hash. */
export const passwordVersion = (passwordHash: string | undefined): string =>
  hash('sha256', passwordHash ?? '', 'base64url')
