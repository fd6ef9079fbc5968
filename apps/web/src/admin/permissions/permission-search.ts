import type { PermissionFilter } from '@skycrate/contract/permissions/schemas'
import { principalOf } from './principal-id.ts'

/** The filters of the permissions as they stand in the address. */
export interface PermissionSearch {
  readonly kind?: 'user' | 'group' | 'everyone' | 'guest'
  /** Of `principalId`: a user or a group. */
  readonly principal?: string
  readonly bucket?: string
  /** The beginning of a prefix; with a bucket. */
  readonly prefix?: string
}

const KINDS: Readonly<Record<NonNullable<PermissionSearch['kind']>, true>> = {
  user: true,
  group: true,
  everyone: true,
  guest: true,
}

const isText = (value: unknown, limit: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= limit && value.isWellFormed() && !value.includes('\0')

const isKind = (value: unknown): value is NonNullable<PermissionSearch['kind']> =>
  typeof value === 'string' && Object.hasOwn(KINDS, value)

/** Leaves out what the API would refuse: an old or mistyped address shows a list rather than an error. */
export function parsePermissionSearch(raw: Record<string, unknown>): PermissionSearch {
  const { kind, principal, bucket, prefix } = raw
  const hasBucket = isText(bucket, 255)
  return {
    ...(isKind(kind) ? { kind } : {}),
    ...(isText(principal, 1024) && principalOf(principal) ? { principal } : {}),
    ...(hasBucket ? { bucket } : {}),
    ...(hasBucket && isText(prefix, 1024) ? { prefix } : {}),
  }
}

/** The same for the API. A group is looked for whoever's claim says it. */
export function filterOf({ kind, principal: id, bucket, prefix }: PermissionSearch): PermissionFilter {
  const principal = id === undefined ? undefined : principalOf(id)
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(principal?.kind === 'user' ? { userId: principal.userId } : {}),
    ...(principal?.kind === 'group' ? { group: principal.group } : {}),
    ...(principal?.kind === 'group' && principal.issuer !== undefined ? { issuer: principal.issuer } : {}),
    ...(bucket === undefined ? {} : { bucket }),
    ...(prefix === undefined ? {} : { prefix }),
  }
}
