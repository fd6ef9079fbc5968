import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import type { ByAdministrator, Issuers } from '../../issuers/issuers.ts'
import type { HandlersOf } from '../route.ts'

export function issuersHandlers(
  issuers: Issuers,
): HandlersOf<'listIssuers' | 'createIssuer' | 'issuer' | 'updateIssuer' | 'deleteIssuer' | 'testIssuer'> {
  return {
    listIssuers: () => issuers.list(),
    createIssuer: (input) => issuers.create(input.body, by(input)),
    issuer: ({ params }) => issuers.find(params.id),
    updateIssuer: (input) => issuers.update(input.params.id, input.body, input.precondition, by(input)),
    deleteIssuer: (input) => issuers.delete(input.params.id, input.precondition, by(input)),
    testIssuer: (input) => issuers.test(input.body, by(input)),
  }
}

const by = ({ who, origin }: { who: SignedIn; origin: RequestOrigin }): ByAdministrator => ({
  userId: who.userId,
  issuer: who.issuer,
  origin,
})
