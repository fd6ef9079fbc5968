import type { Accounts } from '../../accounts/accounts.ts'
import type { Owner } from '../../accounts/factors/factor-context.ts'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import type { HandlersOf } from '../route.ts'

export function factorsHandlers({
  factors,
}: Accounts): HandlersOf<
  | 'challenge'
  | 'passkeyChallenge'
  | 'freshChallenge'
  | 'factors'
  | 'startTotp'
  | 'confirmTotp'
  | 'deleteTotp'
  | 'createRecoveryCodes'
  | 'startPasskey'
  | 'createPasskey'
  | 'renamePasskey'
  | 'deletePasskey'
> {
  return {
    challenge: ({ body, origin }) => factors.answer(body, origin),
    passkeyChallenge: () => factors.passkeyChallenge(),
    freshChallenge: (input) => factors.freshChallenge(ownerOf(input)),
    factors: (input) => factors.list(ownerOf(input)),
    startTotp: (input) => factors.startTotp(ownerOf(input)),
    confirmTotp: (input) => factors.enrolTotp(ownerOf(input), input.body.code),
    deleteTotp: (input) => factors.deleteTotp(ownerOf(input)),
    createRecoveryCodes: (input) => factors.createRecoveryCodes(ownerOf(input)),
    startPasskey: (input) => factors.startPasskey(ownerOf(input)),
    createPasskey: (input) => factors.createPasskey(ownerOf(input), input.body),
    renamePasskey: (input) => factors.renamePasskey(ownerOf(input), input.params.id, input.body.name),
    deletePasskey: (input) => factors.deletePasskey(ownerOf(input), input.params.id),
  }
}

const ownerOf = ({ who, origin }: { who: SignedIn; origin: RequestOrigin }): Owner => ({
  userId: who.userId,
  sessionId: who.sessionId,
  amr: who.amr,
  origin,
})
