import { AppError } from '../../errors/app-error.ts'
import { ATTEMPT_SECONDS } from '../../sign-in-with/sign-in-attempts.ts'
import type { SignInWith } from '../../sign-in-with/sign-in-with.ts'
import type { OwnIdentities } from '../../users/identities/own-identities.ts'
import type { Browser } from '../browser.ts'
import { otherNameOfThisMachine } from '../other-name-of-this-machine.ts'
import type { HandlersOf } from '../route.ts'

export function identitiesHandlers(
  identities: OwnIdentities,
  signInWith: SignInWith,
  browser: Browser,
  publicUrl: string,
): HandlersOf<'listIdentities' | 'startLink' | 'unlinkIdentity'> {
  const { cookies } = browser

  return {
    listIdentities: ({ who }) => identities.list(who),

    async startLink({ who, body, origin, request, reply }) {
      // The issuer sends a browser back, which has to be the one that began.
      const { sessionId, userId } = who
      if (request.presented?.kind !== 'cookie' || sessionId === null) {
        throw new AppError('conflict', 'Identities are linked in the web app: this needs its session.')
      }
      const elsewhere = otherNameOfThisMachine(request, publicUrl)
      if (elsewhere !== undefined) {
        throw new AppError(
          'conflict',
          `The issuer sends you back to ${elsewhere}: open SkyCrate there, and link it there.`,
        )
      }
      const before = browser.cookieOf(request, cookies.signIn)
      const { url, mark } = await signInWith.startLink(body.issuerId, { userId, sessionId }, before, origin)
      cookies.set(reply, cookies.signIn, mark, ATTEMPT_SECONDS)
      return { url }
    },

    unlinkIdentity: ({ who, query, origin }) => identities.unlink(query, who, origin),
  }
}
