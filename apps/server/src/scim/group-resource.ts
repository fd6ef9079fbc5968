import type { DirectoryGroup } from '../users/directories/directory-group-rows.ts'
import { isObject, type JsonObject, requireObject, textOf, valueOf } from './body.ts'
import { GROUP_SCHEMA } from './schemas.ts'
import { ScimError } from './scim-error.ts'
import { versionOf } from './version.ts'

export interface ParsedGroup {
  readonly name: string
  readonly externalId: string | null
  /** Ids of users; undefined where the body has none. */
  readonly members: readonly string[] | undefined
}

/** @throws ScimError @see RFC 7643 section 4.2 */
export function parseGroup(body: unknown): ParsedGroup {
  const given = requireObject(body)
  const name = textOf(given, 'displayName', 256)
  if (name === null) throw new ScimError(400, 'displayName is needed.', 'invalidValue')
  const members = valueOf(given, 'members')
  return {
    name,
    externalId: textOf(given, 'externalId', 255),
    members: members === undefined || members === null ? undefined : memberIds(members),
  }
}

/** Ids in a `members` value: one entry or a list of them. @throws ScimError */
export function memberIds(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map((entry: unknown) => {
    const id = isObject(entry) ? valueOf(entry, 'value') : entry
    if (typeof id !== 'string' || id === '' || id.length > 64) {
      throw new ScimError(400, 'Each member needs a value: the id of a user.', 'invalidValue')
    }
    return id
  })
}

/** @param base the URL of SCIM here */
export function groupResource(group: DirectoryGroup, base: string): JsonObject {
  const { id, name, externalId, members, createdAt, updatedAt } = group
  return {
    schemas: [GROUP_SCHEMA],
    id,
    ...(externalId === null ? {} : { externalId }),
    displayName: name,
    ...(members && {
      members: members.map((member) => ({
        value: member.id,
        display: member.userName,
        type: 'User',
        $ref: `${base}/Users/${member.id}`,
      })),
    }),
    meta: {
      resourceType: 'Group',
      created: createdAt.toISOString(),
      lastModified: updatedAt.toISOString(),
      location: `${base}/Groups/${id}`,
      version: versionOf(updatedAt),
    },
  }
}
