import type { Owner } from '../../accounts/factors/factor-context.ts'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Allowances, SignedIn } from '../../identity/authenticator.ts'
import type { DoorUse } from '../door.ts'

/**
 * Whose access token this is. It has to be of a sign-in with a built-in account: neither an ID token, nor a token that the
 * user created, nor one of another issuer.
 * @throws AppError as `Entry.byToken`
 */
export async function whoOf(
  { entry, issuer }: DoorUse,
  accessToken: string,
  origin: RequestOrigin,
  allowed: Allowances = {},
): Promise<SignedIn> {
  const who = await entry.byToken(accessToken, origin, allowed)
  if (who.issuer !== issuer || who.sessionId === null || who.scope !== null) throw new AppError('invalid-token')
  return who
}

export const ownerOf = ({ userId, sessionId, amr }: SignedIn, origin: RequestOrigin): Owner => ({
  userId,
  sessionId,
  amr,
  origin,
})
