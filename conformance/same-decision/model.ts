import type { Api } from '../api.ts'
import type { PlainIssuer } from '../issuers/plain-issuer.ts'
import type { SigningKeys } from '../sigv4.ts'
import type { System } from '../system.ts'

export type Engine = 'embedded' | 'ceph'

export interface Asked {
  readonly engine: Engine
  readonly system: System
  readonly issuer: PlainIssuer
  readonly admin: Api
  /** Keys that may do everything at the store. */
  readonly owner: SigningKeys
  readonly seed: number
  readonly cases: number
}

export type Action = 'read' | 'write' | 'delete' | 'list'

export interface Row {
  readonly principal:
    | { readonly kind: 'everyone' | 'guest' }
    | { readonly kind: 'user'; readonly userId: string }
    | { readonly kind: 'group'; readonly group: string; readonly issuer?: string }
  readonly bucket: string
  readonly prefix: string
  readonly actions: readonly Action[]
}

export interface Caller {
  readonly name: string
  readonly api: Api
  /** Undefined: a guest. */
  readonly id: string | undefined
  readonly token: string | undefined
  readonly isStaff: boolean
}

export interface Operation {
  readonly action: Action
  readonly bucket: string
  /** Of a list the prefix; undefined where it names none. */
  readonly key: string | undefined
}

/** Credentials of a door and what they are for: everything, or actions at one place. */
export interface Session {
  readonly door: string
  readonly keys: SigningKeys
  readonly only: { readonly bucket: string; readonly prefix: string; readonly actions: readonly Action[] } | undefined
}

export const ACTIONS: readonly Action[] = ['read', 'write', 'delete', 'list']

/** The rows as they are written: the plainest way to say what a permission is. */
export function isAllowed(rows: readonly Row[], caller: Caller, { action, bucket, key = '' }: Operation): boolean {
  return rows.some(({ principal, actions, ...row }) => {
    const place = placeOf(row.prefix, caller)
    if (row.bucket !== bucket || !actions.includes(action) || place === undefined || !key.startsWith(place))
      return false
    switch (principal.kind) {
      case 'guest':
        return caller.id === undefined
      case 'everyone':
        return caller.id !== undefined
      case 'user':
        return caller.id === principal.userId
      case 'group':
        return caller.isStaff && principal.issuer !== undefined
    }
  })
}

export function placeOf(prefix: string, { id }: Caller): string | undefined {
  if (!prefix.includes('${user.id}')) return prefix
  return id === undefined ? undefined : prefix.replaceAll('${user.id}', id)
}

/** Ceph's policies have no way to say `*`, `?` and `$` themselves: such a folder is left out of what covers everything. */
export function isSayable(engine: Engine, place: string): boolean {
  return engine === 'embedded' || !/[*?$]/.test(place)
}

export function isWithin({ only }: Session, { action, bucket, key = '' }: Operation): boolean {
  return !only || (only.bucket === bucket && key.startsWith(only.prefix) && only.actions.includes(action))
}
