import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { AccountContext } from './account-context.ts'
import { checkPassword } from './check-password.ts'
import { issueTokens } from './issue-tokens.ts'
import type { SessionOpener } from './open-session.ts'

/** With an e-mail address and a password. */
export async function signIn(
  context: AccountContext,
  sessions: SessionOpener,
  given: { readonly email: string; readonly password: string },
  origin: RequestOrigin,
): Promise<Tokens> {
  const { userId, passwordHash } = await checkPassword(context, given.email, given.password, origin)
  const stillHolds = (locked: { readonly passwordHash: string | undefined }): boolean =>
    locked.passwordHash === passwordHash
  const session = await sessions.open(userId, { method: 'password', amr: ['pwd'], stillHolds }, origin)
  return issueTokens(context, { userId, ...session })
}
