import type { NewPermission } from '@skycrate/contract/permissions/schemas'

export type Principal = NewPermission['principal']

/** A principal as one text: the value of a filter, the id of a choice. */
export function principalId(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return `user:${principal.userId}`
    case 'group':
      return `group:${JSON.stringify(principal.issuer === undefined ? [principal.group] : [principal.group, principal.issuer])}`
    case 'everyone':
    case 'guest':
      return principal.kind
    default:
      return principal satisfies never
  }
}

/** Undefined where the text is none of `principalId`. */
export function principalOf(id: string): Principal | undefined {
  if (id === 'everyone' || id === 'guest') return { kind: id }
  if (id.startsWith('user:') && id.length > 5) return { kind: 'user', userId: id.slice(5) }
  if (!id.startsWith('group:')) return undefined
  try {
    const parts: unknown = JSON.parse(id.slice(6))
    if (!Array.isArray(parts) || parts.length < 1 || parts.length > 2) return undefined
    const [group, issuer] = parts as unknown[]
    if (typeof group !== 'string' || group === '') return undefined
    if (issuer === undefined) return { kind: 'group', group }
    return typeof issuer === 'string' && issuer !== '' ? { kind: 'group', group, issuer } : undefined
  } catch {
    return undefined
  }
}
