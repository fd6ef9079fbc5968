import type { SignInResult } from '@skycrate/contract/auth/schemas'
import type { Sql } from '../db/database.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Account } from './account-rows.ts'
import { checkPassword } from './check-password.ts'
import { challengeSignIn } from './factors/begin-challenge.ts'
import type { FactorContext } from './factors/factor-context.ts'
import { findFactors, hasSecondFactor } from './factors/factor-rows.ts'
import { issueTokens } from './issue-tokens.ts'

/**
 * With an e-mail address and a password; an account with a second factor is then asked for it.
 * @param client the app that the session is of
 */
export async function signIn(
  context: FactorContext,
  given: { readonly email: string; readonly password: string },
  origin: RequestOrigin,
  client?: string,
): Promise<SignInResult> {
  const account = await checkPassword(context, given.email, given.password, origin)
  const challenge = await challengeSignIn(context, account, origin, client)
  if (challenge) return challenge
  const { userId, passwordHash } = account
  // A factor may have been set up since it was looked for.
  const stillHolds = async (locked: Account, tx: Sql): Promise<boolean> =>
    locked.passwordHash === passwordHash && !hasSecondFactor(await findFactors(tx, userId))
  const session = await context.sessions.open(userId, { method: 'password', amr: ['pwd'], stillHolds, client }, origin)
  return issueTokens(context, { userId, ...session })
}
