import { type ScimPatchOperation, ScimError as PatchError, scimPatch, type ScimResource } from 'scim-patch'
import type { DirectoryPerson, DirectoryUser } from '../users/directories/directory-user.ts'
import { isActive } from '../users/directories/directory-user.ts'
import type { PatchOperation } from './patch-operations.ts'
import { USER_SCHEMA } from './schemas.ts'
import { ScimError, type ScimType } from './scim-error.ts'
import { parseUser } from './user-resource.ts'

/** What a user's directory says of them after these operations. @throws ScimError */
export function patchUser(user: DirectoryUser, operations: readonly PatchOperation[]): DirectoryPerson {
  const { userName, externalId, attributes } = user
  const resource = {
    schemas: [USER_SCHEMA],
    userName,
    ...(externalId === null ? {} : { externalId }),
    active: isActive(user),
    ...structuredClone(attributes),
  }
  return parseUser(applied(resource, structuredClone(operations)))
}

function applied(resource: object, operations: readonly PatchOperation[]): unknown {
  try {
    return scimPatch(resource as ScimResource & object, operations as unknown as ScimPatchOperation[])
  } catch (error) {
    if (error instanceof PatchError) {
      throw new ScimError(400, 'An operation can’t be applied to this user.', error.scimCode as ScimType)
    }
    // A path through what is no object, such as a part of a text.
    if (error instanceof TypeError) throw new ScimError(400, 'An operation leads into no attribute.', 'invalidPath')
    throw error
  }
}
