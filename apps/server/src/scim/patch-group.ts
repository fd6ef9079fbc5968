import { isObject, textOf, valueOf } from './body.ts'
import type { GroupChange } from '../users/directories/directory-groups.ts'
import { parseFilter } from './parse-filter.ts'
import type { PatchOperation } from './patch-operations.ts'
import { memberIds } from './group-resource.ts'
import { ScimError } from './scim-error.ts'

const MEMBERS = /^members(?:\[(.+)\])?(?:\.value)?$/

/**
 * What operations change of a group. They are not applied to the group as it stands: its members may be very many.
 * @throws ScimError
 */
export function patchGroup(operations: readonly PatchOperation[]): GroupChange {
  let name: string | undefined
  let externalId: string | null | undefined
  const members: GroupChange['members'][number][] = []

  function setAttribute(path: string, value: unknown): void {
    if (path === 'displayName') {
      const text = textOf({ value }, 'value', 256)
      if (text === null) throw new ScimError(400, 'displayName is needed.', 'invalidValue')
      name = text
    } else if (path === 'externalId') {
      externalId = textOf({ value }, 'value', 255)
    }
    // What a group has beside these is not kept here; `id` comes along where Okta renames a group.
  }

  function changeMembers(op: PatchOperation['op'], filter: string | undefined, value: unknown): void {
    if (filter !== undefined) {
      if (op !== 'remove') throw new ScimError(400, 'A member is added by its value, without a filter.', 'invalidPath')
      members.push({ kind: 'delete', ids: filteredIds(filter) })
    } else if (op === 'remove') {
      members.push(
        value === undefined || value === null ? { kind: 'set', ids: [] } : { kind: 'delete', ids: memberIds(value) },
      )
    } else {
      members.push({ kind: op === 'add' ? 'add' : 'set', ids: memberIds(value) })
    }
  }

  for (const { op, path, value } of operations) {
    const bare = path?.slice(path.lastIndexOf(':', path.includes('[') ? path.indexOf('[') : undefined) + 1)
    if (bare === undefined) {
      if (!isObject(value)) continue
      for (const each of ['displayName', 'externalId']) {
        const given = valueOf(value, each)
        if (given !== undefined) setAttribute(each, given)
      }
      const given = valueOf(value, 'members')
      if (given !== undefined && given !== null) changeMembers(op, undefined, given)
      continue
    }
    const found = MEMBERS.exec(bare)
    if (found) changeMembers(op, found[1], value)
    else setAttribute(bare, op === 'remove' ? null : value)
  }
  return { name, externalId, members }
}

/** The ids in `value eq "…"`, one or several joined by `or`. */
function filteredIds(text: string): string[] {
  const filter = parseFilter(text)
  const parts = filter.op === 'or' ? filter.filters : [filter]
  return parts.map((part) => {
    if (part.op === 'eq' && part.attrPath.toLowerCase() === 'value' && typeof part.compValue === 'string') {
      return part.compValue
    }
    throw new ScimError(400, 'Members are named by: members[value eq "…"].', 'invalidPath')
  })
}
