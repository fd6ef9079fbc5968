import type { Challenge } from '@skycrate/contract/factors/schemas'
import type { SignInResult } from '@skycrate/contract/auth/schemas'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import { Secret, TOTP } from 'otpauth'
import { EMAIL, HOME, PASSWORD, type TestAccounts } from '../test-accounts.ts'
import type { Owner } from './factor-context.ts'

export const STEP_MS = 30_000

/** What an authenticator app shows at a time. */
export const codeOf = (secret: string, at: number): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: at })

export function challengeOf(result: SignInResult): Challenge {
  if (!('challenge' in result)) throw new Error('no second factor was asked for')
  return result
}

/** Signs in with the password. @returns the challenge of an account that has a second factor */
export const challenged = async (system: TestAccounts): Promise<Challenge> =>
  challengeOf(await system.accounts.signIn(EMAIL, PASSWORD, HOME))

/** The owner of a session that was just opened with the password, before there was any factor. */
export async function ownerOf(system: TestAccounts, accessToken?: string): Promise<Owner> {
  const token = accessToken ?? (await system.accounts.login(EMAIL, PASSWORD, HOME)).access_token
  const verdict = await system.accounts.verifier.verify(token)
  if (verdict.outcome !== 'accepted') throw new Error(verdict.reason)
  const { userId, sessionId, amr } = verdict
  return { userId, sessionId, amr, origin: HOME }
}

/** Sets up an authenticator app, and waits until its first code is no more within the window. */
export async function withTotp(system: TestAccounts): Promise<{ readonly secret: string; readonly owner: Owner }> {
  const owner = await ownerOf(system)
  const { secret } = await system.accounts.factors.startTotp(owner)
  await system.accounts.factors.enrolTotp(owner, codeOf(secret, system.now()))
  system.advance(3 * STEP_MS)
  return { secret, owner }
}

/** Another account, with an authenticator app of its own. */
export async function insertOther(system: TestAccounts, email: string): Promise<UserId> {
  const [row] = await system.database.query<{ id: UserId }>(
    `with u as (insert into users (id, email, name) values ('usr_01kaj7x2v9c4t0m8q3n5p6r7s9', $1, 'Other') returning id),
       a as (insert into accounts (user_id, email) select id, $1 from u),
       c as (insert into credentials (user_id, kind, data)
         select u.id, 'password', p.data from u, credentials p where p.kind = 'password')
     select id from u`,
    [email],
  )
  return row!.id
}

export const amrOf = async (system: TestAccounts, sessionId: SessionId): Promise<string[]> => {
  const [row] = await system.database.query<{ amr: string[] }>('select amr from sessions where id = $1', [sessionId])
  return row!.amr
}
