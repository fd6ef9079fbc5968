import type { Claims } from './claims.ts'
import type { ClaimNames, ClaimPath } from './issuer-settings.ts'

/** Groups that one token may name. A token of 16,384 characters seldom has more. */
export const MAX_GROUPS = 1000
/** Characters of a group's name. */
export const MAX_GROUP_LENGTH = 256

/**
 * Why the groups of a token can't be taken as they are. Leaving some out would take access away without a word.
 *
 * - `too-many-groups`: more than `MAX_GROUPS`.
 * - `groups-elsewhere`: the issuer left them out because there are too many for a token, and says where to ask instead.
 * - `unreadable-groups`: the claim holds something else than texts of 1 to `MAX_GROUP_LENGTH` characters.
 */
export type GroupsRefusal = 'too-many-groups' | 'groups-elsewhere' | 'unreadable-groups'

/**
 * The groups that a token names, each once and in order.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AggregatedDistributedClaims
 */
export function groupsOfClaims(
  claims: Claims,
  names: ClaimNames,
): readonly string[] | { readonly refused: GroupsRefusal } {
  if (names.groups === undefined) return []
  const value = claimAt(claims, names.groups)
  // No claim, or one that says nothing, is nobody's group.
  if (value === undefined || value === null)
    return isElsewhere(claims, names.groups) ? { refused: 'groups-elsewhere' } : []
  const all = typeof value === 'string' ? split(value, names.groupsSeparator) : value
  if (!Array.isArray(all)) return { refused: 'unreadable-groups' }
  const groups = new Set<string>()
  for (const each of all as unknown[]) {
    if (each === '') continue
    if (typeof each !== 'string' || !isGroupName(each)) return { refused: 'unreadable-groups' }
    groups.add(each)
  }
  if (groups.size > MAX_GROUPS) return { refused: 'too-many-groups' }
  return [...groups].toSorted()
}

export function isGroupName(text: string): boolean {
  return text.length > 0 && text.length <= MAX_GROUP_LENGTH && text.isWellFormed() && !text.includes('\0')
}

function split(text: string, separator: string | undefined): string[] {
  const parts = separator === undefined ? [text] : text.split(separator).map((part) => part.trim())
  return parts.filter((part) => part !== '')
}

/** A claim of that very name first: a claim's name may be a URL, which has dots. */
function claimAt(claims: Claims, path: ClaimPath): unknown {
  if (typeof path === 'string' && Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const segment of typeof path === 'string' ? path.split('.') : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Record<string, unknown>)[segment]
  }
  return value
}

/** Distributed claims, as Microsoft Entra ID writes them beyond 200 groups; `hasgroups` is what its short tokens say. */
function isElsewhere(claims: Claims, path: ClaimPath): boolean {
  const name = typeof path === 'string' ? path : path[0]
  const sources = claims['_claim_names']
  if (typeof sources === 'object' && sources !== null && name !== undefined && Object.hasOwn(sources, name)) return true
  return name === 'groups' && (claims['hasgroups'] === true || claims['hasgroups'] === 'true')
}
