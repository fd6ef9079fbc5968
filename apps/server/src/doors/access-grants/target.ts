import { S3ControlError } from '@skycrate/aws-wire/s3-control'
import { decide } from '@skycrate/core/access/decide'
import { type Action, ACTIONS } from '@skycrate/core/access/operation'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import { parseBucketName } from '@skycrate/core/naming/bucket'
import { parseKey } from '@skycrate/core/naming/key'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'

/** `s3://BUCKET/KEY`, `s3://BUCKET/FOLDER/*` or `s3://BUCKET/BEGINNING*`. */
export interface Target {
  readonly bucket: string
  readonly text: string
  /** All keys that begin with the text. */
  readonly open: boolean
}

export const GRANT_PERMISSIONS = ['READ', 'WRITE', 'READWRITE'] as const
export type GrantPermission = (typeof GRANT_PERMISSIONS)[number]

/** @throws S3ControlError InvalidRequest */
export function readTarget(value: string | undefined): Target {
  const [whole, bucket = '', rest = ''] = /^s3:\/\/([^/*]*)(?:\/(.*))?$/s.exec(value ?? '') ?? []
  const open = rest.endsWith('*') || rest === ''
  const text = rest.endsWith('*') ? rest.slice(0, -1) : rest
  if (whole !== undefined && parseBucketName(bucket) && (text === '' || parseKey(text).ok))
    return { bucket, text, open }
  throw new S3ControlError('InvalidRequest', 'The S3 path has to be s3://BUCKET/FOLDER/* or s3://BUCKET/KEY.')
}

/** @throws S3ControlError InvalidRequest */
export function readGrantPermission(value: string | undefined): GrantPermission {
  const found = GRANT_PERMISSIONS.find((each) => each === value)
  if (found) return found
  throw new S3ControlError('InvalidRequest', 'The permission has to be READ, WRITE or READWRITE.')
}

/** What a grant stands for, where all of it is allowed. */
export const ACTIONS_OF: Readonly<Record<GrantPermission, readonly Action[]>> = {
  READ: ['read', 'list'],
  WRITE: ['write', 'delete'],
  READWRITE: ACTIONS,
}

/** What actions come to as a grant: a part of them is enough for its name, and then it gives no more than these. */
export function grantOf(actions: readonly Action[]): GrantPermission | undefined {
  const reads = actions.includes('read') || actions.includes('list')
  const writes = actions.includes('write')
  if (reads) return writes ? 'READWRITE' : 'READ'
  return writes ? 'WRITE' : undefined
}

export const covers = (has: GrantPermission | undefined, asked: GrantPermission): boolean =>
  has === asked || has === 'READWRITE'

/** What is allowed at a folder, as `decide` says. */
export function allowedAt(set: PermissionSet, bucket: string, prefix: string, now: number): Action[] {
  return ACTIONS.filter(
    (action) => decide(set, { action, store: DEFAULT_STORE, bucket, key: prefix }, now).outcome === 'allow',
  )
}

/** The folders that a text lies in, the highest first. */
export function foldersOf(text: string): string[] {
  const folders = ['']
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) folders.push(text.slice(0, at + 1))
  return folders
}
