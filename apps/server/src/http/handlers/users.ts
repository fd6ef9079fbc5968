import type { Users } from '../../users/users.ts'
import type { ByUser } from '../../users/users-options.ts'
import type { HandlersOf } from '../route.ts'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'

export function usersHandlers(
  users: Users,
): HandlersOf<
  | 'listUsers'
  | 'createUser'
  | 'importUsers'
  | 'user'
  | 'updateUser'
  | 'deleteUser'
  | 'endUserSessions'
  | 'resetUserPassword'
  | 'resetUserFactors'
> {
  return {
    listUsers: ({ query }) => users.list(query),
    createUser: (input) => users.create(input.body, by(input)),
    importUsers: (input) => users.import(input.body, input.query.dryRun === 'true', by(input)),
    user: ({ params }) => users.find(params.id),
    updateUser: (input) => users.update(input.params.id, input.body, input.precondition, by(input)),
    deleteUser: (input) => users.delete(input.params.id, input.query, input.precondition, by(input)),
    endUserSessions: (input) => users.endSessions(input.params.id, by(input)),
    resetUserFactors: (input) => users.resetFactors(input.params.id, by(input)),
    resetUserPassword: (input) => users.resetPassword(input.params.id, by(input)),
  }
}

const by = ({ who, origin }: { who: SignedIn; origin: RequestOrigin }): ByUser => ({ userId: who.userId, origin })
