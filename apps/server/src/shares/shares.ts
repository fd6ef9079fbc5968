import type { CreatedShare, NewShare, Share, Shares as SharePage } from '@skycrate/contract/shares/schemas'
import { decide } from '@skycrate/core/access/decide'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import { createId, isId, type ShareId, type UserId } from '@skycrate/core/naming/id'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { type Gate, requireKey } from '../access/gate.ts'
import type { PermissionCache } from '../access/permission-cache.ts'
import { changeRecorded } from '../access/record-change.ts'
import type { Passwords } from '../accounts/password.ts'
import type { AuditLog, NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { idRandomness } from '../id-randomness.ts'
import type { Person } from '../objects/object-jobs.ts'
import type { Store } from '../stores/store.ts'
import { callerOfUser } from '../users/groups-of-user.ts'
import { lockUser } from '../users/lock-user.ts'
import { operationsOf } from './share-operations.ts'
import {
  countActive,
  endOf,
  insertShare,
  isSharingEnabled,
  lockShare,
  type NamedShareRow,
  readShares,
  revokeShare,
  setSharing,
  type ShareRow,
  viewOf,
} from './share-rows.ts'
import { hashShareToken, newShareToken } from './share-token.ts'

/** Links of one user that work at once. */
export const MAX_SHARES = 1000
const DEFAULT_MAX_SIZE = 1024 ** 3
const DEFAULT_MAX_UPLOADS = 1000

interface PageRequest {
  readonly limit?: number
  readonly cursor?: string
}

/** What owners and administrators do with links. */
export interface Shares {
  /** @throws AppError `invalid-request`, `invalid-key`; `forbidden` for what the caller may not do, or where sharing is off; `not-found` for a file that is not there; `conflict` */
  create(caller: Person, wish: NewShare, origin: RequestOrigin): Promise<CreatedShare>
  /** @throws AppError `invalid-cursor` */
  list(userId: UserId, page: PageRequest): Promise<SharePage>
  /** Of everybody, for administrators. @throws AppError `invalid-cursor` */
  listAll(page: PageRequest): Promise<SharePage>
  /** From then on no process gives anything for it. @throws AppError `not-found`, for another's too unless an administrator asks */
  revoke(id: string, by: { readonly userId: UserId; readonly isAdmin: boolean }, origin: RequestOrigin): Promise<void>
  isEnabled(): Promise<boolean>
  /** For administrators. */
  setEnabled(enabled: boolean, by: UserId, origin: RequestOrigin): Promise<void>
}

export function createShares(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly gate: Gate
  readonly permissions: PermissionCache
  readonly passwords: Passwords
  readonly storeOf: (id: StoreId) => Store
  readonly publicUrl: string
  readonly now: () => number
}): Shares {
  const { database, gate, permissions, passwords, storeOf, publicUrl, now } = use

  function stateOf(row: ShareRow, set: PermissionSet): Share['state'] {
    const isAllowed = operationsOf(row).every((operation) => decide(set, operation, now()).outcome === 'allow')
    return endOf(row, now()) ?? (isAllowed ? 'active' : 'no-permission')
  }

  async function page(ownerId: UserId | undefined, { limit = 100, cursor }: PageRequest): Promise<SharePage> {
    if (cursor !== undefined && !isId('shr', cursor)) throw new AppError('invalid-cursor')
    const rows = await readShares(database, { ownerId, before: cursor, limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const sets = new Map<UserId, PermissionSet>()
    for (const { owner_id } of shown) {
      if (sets.has(owner_id)) continue
      sets.set(owner_id, await permissions.permissionsOf(await callerOfUser(database, owner_id)))
    }
    const views = shown.map((row) => viewOf(row, stateOf(row, sets.get(row.owner_id)!)))
    return { shares: views, nextCursor: rows.length > shown.length ? shown.at(-1)!.id : null }
  }

  return {
    async create(caller, wish, origin) {
      const place = placeOf(wish, now())
      if (!(await isSharingEnabled(database))) {
        throw new AppError('forbidden', 'An administrator has switched sharing off.')
      }
      const [opening, ...more] = operationsOf(place)
      await gate.foresee(caller, [opening!, ...more], 'share.open', origin)
      if (place.kind === 'file' && !(await storeOf(place.store).headObject(place.bucket, place.path))) {
        throw new AppError('not-found', 'There is no such file.')
      }
      const password_hash = wish.password === undefined ? null : await passwords.hash(wish.password)
      const token = newShareToken()
      const id = createId('shr', now(), idRandomness(Buffer.alloc(10)))
      const row = await changeRecorded(use, async (tx, record) => {
        await lockUser(tx, caller.userId)
        if ((await countActive(tx, caller.userId)) >= MAX_SHARES) {
          throw new AppError('conflict', `A user has ${MAX_SHARES} links at most. Switch one off first.`)
        }
        const made = await insertShare(tx, {
          id,
          owner_id: caller.userId,
          token_hash: hashShareToken(token),
          ...place,
          password_hash,
          expires_at: wish.expiresAt ?? null,
        })
        await record(eventOf('share.create', made, caller.userId, origin))
        return made
      })
      return { ...viewOf(row, 'active'), token, url: `${publicUrl}/s/${token}` }
    },

    list: (userId, request) => page(userId, request),
    listAll: (request) => page(undefined, request),

    async revoke(id, { userId, isAdmin }, origin) {
      if (!isId('shr', id)) throw new AppError('not-found')
      await changeRecorded(use, async (tx, record) => {
        const row = await lockShare(tx, id, isAdmin ? null : userId)
        if (row === undefined) throw new AppError('not-found')
        if (row.revoked_at !== null) return
        await record(eventOf('share.revoke', row, userId, origin))
        await revokeShare(tx, id, userId)
      })
    },

    isEnabled: () => isSharingEnabled(database),

    async setEnabled(enabled, by, origin) {
      await changeRecorded(use, async (tx, record) => {
        await record({
          action: 'share.switch',
          outcome: 'allow',
          userId: by,
          bucket: null,
          key: null,
          reason: null,
          detail: { enabled },
          origin,
        })
        await setSharing(tx, enabled)
      })
    },
  }
}

function placeOf(wish: NewShare, now: number) {
  const { bucket, key, prefix, upload = false } = wish
  const errors: { path: string; message: string }[] = []
  const mistake = (path: string, message: string): void => void errors.push({ path, message })
  if ((key === undefined) === (prefix === undefined)) mistake('', 'needs either key or prefix')
  if (upload && key !== undefined) mistake('/key', 'can be no drop box: name a folder by prefix')
  if (upload && wish.maxDownloads !== undefined) mistake('/maxDownloads', 'is not for a drop box')
  for (const field of ['maxUploads', 'maxSize', 'contentTypes'] as const) {
    if (!upload && wish[field] !== undefined) mistake(`/${field}`, 'is only for a drop box')
  }
  if (wish.expiresAt && Date.parse(wish.expiresAt) <= now) mistake('/expiresAt', 'must be in the future')
  if (wish.name !== undefined && !(wish.name.isWellFormed() && wish.name.trim() !== '')) {
    mistake('/name', 'must have a letter and be valid Unicode')
  }
  if (prefix !== undefined) {
    const verdict = parsePrefix(prefix)
    if (!verdict.ok) mistake('/prefix', `must be '' or a folder that ends in '/' (${verdict.problem})`)
  }
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
  const path = key === undefined ? prefix! : requireKey(key)
  const kind = key !== undefined ? ('file' as const) : upload ? ('drop-box' as const) : ('folder' as const)
  return {
    store: DEFAULT_STORE,
    bucket,
    path,
    kind,
    name: wish.name?.trim() ?? (path.split('/').findLast((segment) => segment !== '') || bucket),
    max_uses: upload ? (wish.maxUploads ?? DEFAULT_MAX_UPLOADS) : (wish.maxDownloads ?? null),
    max_size: upload ? (wish.maxSize ?? DEFAULT_MAX_SIZE) : null,
    content_types: upload ? (wish.contentTypes ?? null) : null,
  }
}

function eventOf(
  action: 'share.create' | 'share.revoke',
  row: ShareRow | NamedShareRow,
  by: UserId,
  origin: RequestOrigin,
): NewAuditEvent {
  const { id, owner_id, store, bucket, path, kind, expires_at, max_uses, password_hash } = row
  const detail = {
    shareId: id satisfies ShareId,
    kind,
    expiresAt: expires_at?.toISOString() ?? null,
    maxUses: max_uses,
    hasPassword: password_hash !== null,
  }
  return {
    action,
    outcome: 'allow',
    userId: by,
    targetUserId: owner_id,
    store,
    bucket,
    key: path,
    reason: null,
    detail,
    origin,
  }
}
