import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import type { Groups } from '../../users/groups.ts'
import type { ByUser } from '../../users/users-options.ts'
import type { HandlersOf } from '../route.ts'

export function groupsHandlers(
  groups: Groups,
): HandlersOf<
  | 'listGroups'
  | 'createGroup'
  | 'group'
  | 'updateGroup'
  | 'deleteGroup'
  | 'groupMembers'
  | 'addGroupMember'
  | 'deleteGroupMember'
> {
  return {
    listGroups: ({ query }) => groups.list(query),
    createGroup: (input) => groups.create(input.body, by(input)),
    group: ({ params }) => groups.find(params.id),
    updateGroup: (input) => groups.update(input.params.id, input.body, input.precondition, by(input)),
    deleteGroup: (input) => groups.delete(input.params.id, input.precondition, by(input)),
    groupMembers: ({ params, query }) => groups.members(params.id, query.limit ?? 100, query.cursor),
    addGroupMember: (input) => groups.addMember(input.params.id, input.params.userId, by(input)),
    deleteGroupMember: (input) => groups.deleteMember(input.params.id, input.params.userId, by(input)),
  }
}

const by = ({ who, origin }: { who: SignedIn; origin: RequestOrigin }): ByUser => ({ userId: who.userId, origin })
