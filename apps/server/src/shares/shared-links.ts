import { randomBytes } from 'node:crypto'
import type { PresignedUrl } from '@skycrate/contract/objects/schemas'
import type {
  SharedDownload,
  SharedFolder,
  SharedLink,
  SharedListing,
  SharedUpload,
  UnlockedShare,
} from '@skycrate/contract/shares/schemas'
import type { Caller } from '@skycrate/core/access/permission'
import { cutFileName } from '@skycrate/core/naming/file-name'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import type { StoreId } from '@skycrate/core/naming/store'
import { expiryOf } from '@skycrate/core/sigv4/presign'
import { type Gate, type ObjectAction, requireKey } from '../access/gate.ts'
import type { Passwords } from '../accounts/password.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import type { CallerLimits } from '../limits/caller-limits.ts'
import { refuseThrottled } from '../limits/refuse-throttled.ts'
import type { Meter } from '../quotas/meter.ts'
import type { ObjectPlace } from '../quotas/quota-rows.ts'
import type { Store } from '../stores/store.ts'
import type { UrlSigner } from '../stores/url-signer.ts'
import { callerOfUser } from '../users/groups-of-user.ts'
import { attachment } from '../vending/content-disposition.ts'
import { lifetimeOf } from '../vending/lifetime.ts'
import { openingOf, operationsOf } from './share-operations.ts'
import { countUse, endOf, findShare, giveBackUse, type ShareRow } from './share-rows.ts'
import { hashShareToken, parseShareToken, type SharePasses } from './share-token.ts'
import type { PasswordGuard } from './password-guard.ts'

/** Seconds: a browser begins at once, and what has begun may take as long as it takes. */
const DOWNLOAD_LIVES = 60
const UPLOAD_LIVES = 300
/** Code points of a file's name in a drop box, so that it keeps room for what makes it one of its kind. */
const MAX_NAME = 200

/**
 * What strangers do by a link. Whatever keeps a link from working, they are told that there is none; the log says why. What
 * is done is decided with the permissions that the link's owner has at that moment.
 * All throw AppError `not-found`, `too-many-requests`, `audit-unavailable`, `database-unavailable`, `store-unavailable`,
 * `store-refused`; and `forbidden` where the password is missing or wrong.
 */
export interface SharedLinks {
  open(token: string, origin: RequestOrigin): Promise<SharedLink>
  unlock(token: string, password: string, origin: RequestOrigin): Promise<UnlockedShare>
  list(token: string, request: SharedListing, origin: RequestOrigin): Promise<SharedFolder>
  /** Counts as a download. */
  download(token: string, request: SharedDownload, origin: RequestOrigin): Promise<PresignedUrl>
  /** Counts as an upload. The file gets a name that nothing in the folder has. */
  upload(token: string, request: SharedUpload, origin: RequestOrigin): Promise<PresignedUrl>
}

interface Visit {
  readonly share: ShareRow
  /** The owner, with the groups of now. */
  readonly owner: Caller
  readonly origin: RequestOrigin
}

export function createSharedLinks(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly gate: Gate
  readonly meter: Meter
  readonly limits: CallerLimits
  readonly passwords: Passwords
  readonly guard: PasswordGuard
  readonly passes: SharePasses
  readonly storeOf: (id: StoreId) => Store
  readonly signerOf: (id: StoreId) => UrlSigner
  readonly now: () => number
}): SharedLinks {
  const { database, audit, gate, meter, limits, passwords, guard, passes, storeOf, signerOf, now } = use

  async function enter(token: string, origin: RequestOrigin): Promise<Visit> {
    const { ip } = origin
    const wait = limits.badTokenWait(ip) || limits.guestRequest(ip)
    if (wait > 0) return refuseThrottled(audit, null, 'shared-links', wait, origin)
    const parsed = parseShareToken(token)
    const share = parsed && (await findShare(database, hashShareToken(parsed)))
    const denied = { action: 'share.open', outcome: 'deny', userId: null } as const
    if (share === undefined) {
      limits.badToken(ip)
      await audit.record({ ...denied, bucket: null, key: null, reason: 'no-such-share', origin })
      throw gone()
    }
    const visiting = { ...origin, shareId: share.id }
    const end = share.sharing ? endOf(share, now()) : 'sharing-off'
    if (end !== undefined) {
      const { owner_id: targetUserId, store, bucket, path: key } = share
      await audit.record({ ...denied, targetUserId, store, bucket, key, reason: end, origin: visiting })
      throw gone()
    }
    return { share, owner: await callerOfUser(database, share.owner_id), origin: visiting }
  }

  /** As `enter`, and the password was entered. */
  async function admit(token: string, pass: string | undefined, origin: RequestOrigin): Promise<Visit> {
    const visit = await enter(token, origin)
    const { id, password_hash } = visit.share
    if (password_hash !== null && !passes.isValid(pass ?? '', id, password_hash, now())) {
      throw new AppError('forbidden', 'Enter the password of this link.')
    }
    return visit
  }

  async function describe({ share, owner, origin }: Visit): Promise<SharedLink> {
    await asIfGone(gate.pass(owner, openingOf(share), 'share.open', origin))
    const { kind, store, bucket, path } = share
    const head = kind === 'file' ? await storeOf(store).headObject(bucket, path) : undefined
    if (kind === 'file' && head === undefined) throw gone()
    return {
      passwordRequired: false,
      kind,
      name: share.name,
      size: head?.size ?? null,
      expiresAt: share.expires_at?.toISOString() ?? null,
      maxSize: share.max_size,
      contentTypes: share.content_types,
    }
  }

  /** Strangers are not told how much there is. */
  async function reserve(place: ObjectPlace, bytes: number | undefined, until: number): Promise<void> {
    await meter.reserve(place, bytes, until).catch((error: unknown) => {
      const isFull = error instanceof AppError && error.code === 'quota-exceeded'
      throw isFull ? new AppError('quota-exceeded', 'There is no room for this file.') : error
    })
  }

  /** Hands out a URL and counts it, or does neither. */
  async function vend(
    { share, owner, origin }: Visit,
    what: {
      readonly action: 'read' | 'write'
      readonly auditAs: ObjectAction
      readonly key: string
      readonly expiresIn: number
      readonly contentLength?: number
      readonly contentType?: string
    },
    signed: { readonly headers?: Record<string, string>; readonly query?: Record<string, string> },
  ): Promise<PresignedUrl> {
    const { store, bucket, id } = share
    const { action, auditAs, key, contentLength, contentType } = what
    const method = action === 'read' ? 'GET' : 'PUT'
    let isCounted = false
    try {
      return await asIfGone(
        gate.vend(owner, { action, store, bucket, key }, auditAs, origin, async (passage) => {
          const { presigner, endsAt } = await signerOf(store).signingFor(bucket)
          const time = now()
          const shareEnds = share.expires_at?.getTime() ?? Infinity
          const expiresIn = lifetimeOf(what.expiresIn, Math.min(passage.expiresAt, endsAt, shareEnds), time)
          if (action === 'write' && meter.isOn())
            await reserve({ store, bucket, key }, contentLength, time + expiresIn * 1000)
          isCounted = await countUse(database, id)
          if (!isCounted) throw gone('used-up')
          const expiresAt = new Date(expiryOf(time, expiresIn)).toISOString()
          return {
            detail: {
              expiresAt,
              ...(contentLength !== undefined && { contentLength }),
              ...(contentType !== undefined && { contentType }),
            },
            release() {
              const { url, headers } = presigner.presign({ method, bucket, key, expiresIn, now: time, ...signed })
              return { url, method, headers, expiresAt }
            },
          }
        }),
      )
    } catch (error) {
      if (isCounted) await giveBackUse(database, id).catch(() => undefined)
      throw error
    }
  }

  return {
    async open(token, origin) {
      const visit = await enter(token, origin)
      if (visit.share.password_hash === null) return describe(visit)
      await asIfGone(gate.foresee(visit.owner, operationsOf(visit.share), 'share.open', visit.origin))
      return LOCKED
    },

    async unlock(token, password, origin) {
      const visit = await enter(token, origin)
      const { id, owner_id, store, bucket, path, password_hash } = visit.share
      if (password_hash === null) return { ...(await describe(visit)), pass: '' }
      const isRight = await guard.check(id, addressGroup(origin.ip), () => passwords.verify(password_hash, password))
      if (!isRight) {
        await audit.record({
          action: 'share.unlock',
          outcome: 'deny',
          userId: null,
          targetUserId: owner_id,
          store,
          bucket,
          key: path,
          reason: 'wrong-password',
          origin: visit.origin,
        })
        throw new AppError('forbidden', 'The password is not correct.')
      }
      return { ...(await describe(visit)), pass: passes.write(id, password_hash, now()) }
    },

    async list(token, request, origin) {
      const visit = await admit(token, request.pass, origin)
      const { share, owner } = visit
      if (share.kind !== 'folder') throw gone()
      const { folder = '', cursor, limit = 1000 } = request
      requireFolder(folder)
      const { store, bucket, path: root } = share
      const prefix = `${root}${folder}`
      const operation = { action: 'list', store, bucket, key: prefix } as const
      await asIfGone(gate.pass(owner, operation, 'share.list', visit.origin))
      const result = await storeOf(store).listObjects({ bucket, prefix, delimiter: '/', cursor, limit })
      if (!result.ok) throw gone()
      const { objects, prefixes, nextCursor } = result.value
      return {
        files: objects
          // The object that stands for the folder itself.
          .filter(({ key }) => key !== prefix)
          .map(({ key, size, lastModified }) => ({ path: key.slice(root.length), size, lastModified })),
        folders: prefixes.map((each) => each.slice(root.length)),
        nextCursor,
      }
    },

    async download(token, { pass, path = '' }, origin) {
      const visit = await admit(token, pass, origin)
      const { kind, path: root, store, bucket } = visit.share
      if (kind === 'drop-box' || (kind === 'file') !== (path === '')) throw gone()
      const key = kind === 'file' ? root : `${root}${requireKey(path)}`
      if (!(await storeOf(store).headObject(bucket, requireKey(key)))) throw gone()
      const query = { 'response-content-disposition': attachment(key.split('/').findLast((part) => part !== '') ?? '') }
      return vend(visit, { action: 'read', auditAs: 'share.use', key, expiresIn: DOWNLOAD_LIVES }, { query })
    },

    async upload(token, { pass, name, size, contentType = 'application/octet-stream' }, origin) {
      const visit = await admit(token, pass, origin)
      const { share } = visit
      if (share.kind !== 'drop-box') throw gone()
      const errors: { path: string; message: string }[] = []
      if (name.includes('/')) errors.push({ path: '/name', message: 'is a name without folders' })
      if (share.max_size !== null && size > share.max_size) {
        errors.push({ path: '/size', message: `is more than the ${share.max_size} bytes that a file may have here` })
      }
      if (share.content_types !== null && !accepts(share.content_types, contentType)) {
        errors.push({ path: '/contentType', message: `is not accepted here: ${share.content_types.join(', ')}` })
      }
      if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
      requireKey(name)
      const key = requireKey(`${share.path}${ofItsOwn(cutFileName(name, MAX_NAME))}`)
      const what = { action: 'write', auditAs: 'share.upload', key, expiresIn: UPLOAD_LIVES } as const
      const headers = { 'content-type': contentType, 'content-length': String(size), 'if-none-match': '*' }
      return vend(visit, { ...what, contentLength: size, contentType }, { headers })
    },
  }
}

const LOCKED: SharedLink = {
  passwordRequired: true,
  kind: null,
  name: null,
  size: null,
  expiresAt: null,
  maxSize: null,
  contentTypes: null,
}

/** One answer for every link that does not work. @param cause for the log alone */
function gone(cause?: string): AppError {
  const detail = 'This link does not work. It may have ended or been switched off. Ask whoever gave it to you.'
  return new AppError('not-found', detail, cause === undefined ? undefined : { cause })
}

/** What the owner may not do any more, or whose bucket is gone, strangers are not told of. */
async function asIfGone<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError && (error.code === 'forbidden' || error.code === 'bucket-missing')) throw gone()
    throw error
  }
}

function requireFolder(folder: string): void {
  const verdict = parsePrefix(folder)
  if (verdict.ok) return
  const errors = [{ path: '/folder', message: `must be '' or a folder that ends in '/' (${verdict.problem})` }]
  throw new AppError('invalid-request', undefined, { errors })
}

/** @param accepted lower-case types, whose subtype may be a star */
function accepts(accepted: readonly string[], contentType: string): boolean {
  const [bare = ''] = contentType.toLowerCase().split(';', 1)
  const type = bare.trim()
  return accepted.some((each) => each === type || (each.endsWith('/*') && type.startsWith(each.slice(0, -1))))
}

/**
 * A name that nothing in the folder has, chosen without looking: a name that was changed only where it is taken would tell
 * strangers which names there are.
 */
function ofItsOwn(name: string): string {
  const dot = name.lastIndexOf('.')
  const at = dot > 0 ? dot : name.length
  return `${name.slice(0, at)} (${randomBytes(5).toString('hex')})${name.slice(at)}`
}
