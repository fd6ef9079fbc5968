import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import type { Directories } from '../../scim/directories.ts'
import type { ByUser } from '../../users/users-options.ts'
import type { HandlersOf } from '../route.ts'

export function directoriesHandlers(
  directories: Directories,
): HandlersOf<
  | 'listDirectories'
  | 'createDirectory'
  | 'directory'
  | 'updateDirectory'
  | 'deleteDirectory'
  | 'createDirectoryToken'
  | 'deleteDirectoryToken'
> {
  return {
    listDirectories: () => directories.list(),
    createDirectory: (input) => directories.create(input.body, by(input)),
    directory: ({ params }) => directories.find(params.id),
    updateDirectory: (input) => directories.rename(input.params.id, input.body, input.precondition, by(input)),
    deleteDirectory: (input) => directories.delete(input.params.id, input.precondition, by(input)),
    createDirectoryToken: (input) => directories.createToken(input.params.id, by(input)),
    deleteDirectoryToken: (input) => directories.deleteToken(input.params.id, by(input)),
  }
}

const by = ({ who, origin }: { who: SignedIn; origin: RequestOrigin }): ByUser => ({ userId: who.userId, origin })
