import { createHash } from 'node:crypto'
import type { Caller } from '@skycrate/core/access/permission'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import { parseCredential } from '@skycrate/core/sigv4/credential-scope'
import { SigningKeyCache } from '@skycrate/core/sigv4/signing-key'
import { verifyRequest } from '@skycrate/core/sigv4/verify'
import type { FastifyRequest } from 'fastify'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { type Allowances, type Authenticator, ID_TOKEN_ADVICE, type SignedIn } from '../identity/authenticator.ts'
import type { IdentityTokens } from '../identity/identity-tokens.ts'
import type { SessionCaller, SessionKeys } from '../identity/session-keys.ts'
import type { CallerLimits } from '../limits/caller-limits.ts'
import { refuseThrottled } from '../limits/refuse-throttled.ts'

/** Why a signature was not taken, by S3's code. */
export class SignatureError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'SignatureError'
    this.code = code
  }
}

/** Whom the doors of AWS's protocols let in, each under the limits of the API. */
export interface Entry {
  /**
   * @param allowed `idTokens`: also the ID token of an app that signs its users in at `/cognito-idp`
   * @throws AppError as `Authenticator.authenticate`, and `too-many-requests`
   */
  byToken(
    token: string,
    origin: RequestOrigin,
    allowed?: Allowances & { readonly idTokens?: boolean },
  ): Promise<SignedIn>
  /**
   * By a token of the identity pool; undefined for any other.
   * @throws AppError `token-expired`, `invalid-token`, `account-suspended`, `too-many-requests`, `database-unavailable`
   */
  byIdentityToken(token: string, origin: RequestOrigin): Promise<SessionCaller | undefined>
  /** @throws AppError `unauthenticated` where no guests are let in, `too-many-requests` */
  asGuest(origin: RequestOrigin): Promise<Caller>
  /**
   * By a signature in the headers with credentials that a door issued for all that the caller has.
   * @throws SignatureError
   * @throws AppError `too-many-requests`, `database-unavailable`
   */
  bySignature(request: FastifyRequest, service: 's3' | 'sts', origin: RequestOrigin): Promise<SessionCaller>
  /** @throws AppError `forbidden` once the refusal is durable */
  requireAdmin(
    caller: SessionCaller,
    place: { readonly method: string; readonly path: string },
    origin: RequestOrigin,
  ): Promise<void>
}

/** What a bearer of bad tokens makes the server do is counted; what fails for other reasons is not theirs. */
const BAD: ReadonlySet<string> = new Set(['invalid-token', 'token-expired', 'account-suspended'])

export const GUEST: Caller = { guest: true }

export function createEntry(options: {
  readonly authenticator: Authenticator
  readonly keys: SessionKeys
  readonly identityTokens: IdentityTokens
  readonly isActive: (userId: UserId) => Promise<boolean>
  readonly isSessionLive: (sessionId: SessionId, userId: UserId) => Promise<boolean>
  readonly limits: CallerLimits
  readonly audit: AuditLog
  readonly guests: boolean
  readonly now: () => number
}): Entry {
  const { authenticator, keys, identityTokens, isActive, isSessionLive, limits, audit, guests, now } = options
  const signingKeys = new SigningKeyCache()

  async function refuseFlood(origin: RequestOrigin): Promise<void> {
    const wait = limits.badTokenWait(origin.ip)
    if (wait > 0) await refuseThrottled(audit, null, 'bad-tokens', wait, origin)
  }

  async function limitUser({ userId, isAdmin }: SessionCaller | SignedIn, origin: RequestOrigin): Promise<void> {
    const wait = isAdmin ? 0 : limits.userRequest(userId)
    if (wait > 0) await refuseThrottled(audit, userId, 'user-requests', wait, origin)
  }

  async function verified(request: FastifyRequest, service: string): Promise<SessionCaller> {
    const headers = request.raw.headersDistinct
    const { accessKeyId = '', region = '' } = claimed(headers['authorization']?.[0]) ?? {}
    const token = headers['x-amz-security-token']?.[0]
    const found = accessKeyId === '' || token === undefined ? undefined : await keys.find(accessKeyId, token)
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const hash = createHash('sha256').update(body).digest('hex')
    const [rawPath, rawQuery] = targetOf(request)
    const verdict = verifyRequest(
      { method: request.method, rawPath, rawQuery, headers },
      {
        lookup: (id, given) =>
          found && id === accessKeyId && given === token
            ? { secretAccessKey: found.secretAccessKey, sessionToken: token!, expiresAt: found.expiresAt }
            : undefined,
        // Any region: what is signed is the same person in each.
        region,
        service,
        now: now(),
        keys: signingKeys,
        ...(service === 'sts' && { payloadHash: hash }),
      },
    )
    if (verdict.outcome === 'refused') throw new SignatureError(verdict.code, verdict.message)
    // A signed URL is for handing on: it is nobody's sign-in.
    if (verdict.outcome === 'anonymous' || verdict.kind !== 'header' || !found) {
      throw new SignatureError('AccessDenied', 'The request has to be signed in its Authorization header.')
    }
    const isBodySigned = verdict.payload === 'signed' ? verdict.payloadHash === hash : body.length === 0
    if (!isBodySigned) throw new SignatureError('SignatureDoesNotMatch', 'The body is not the one that was signed.')
    return found.caller
  }

  return {
    async byToken(text, origin, allowed = {}) {
      const token = text.trim()
      // The advice that the API gives on it is about its header.
      if (/\s/.test(token) || token === '') throw new AppError('invalid-token', 'This is no token.')
      const presented = { kind: 'bearer', key: `Bearer ${token}` } as const
      let signedIn = authenticator.peek(presented, allowed)
      if (!signedIn) {
        await refuseFlood(origin)
        signedIn = await authenticator.authenticate(presented, origin, allowed).catch((error: unknown) => {
          if (error instanceof AppError && BAD.has(error.code)) limits.badToken(origin.ip)
          throw error
        })
      }
      if (signedIn.isIdToken && allowed.idTokens !== true) throw new AppError('invalid-token', ID_TOKEN_ADVICE)
      await limitUser(signedIn, origin)
      return signedIn
    },

    async byIdentityToken(token, origin) {
      const identity = await identityTokens.read(token)
      if (identity === undefined) return undefined
      if (identity === 'expired') throw new AppError('token-expired', 'Get a new token and try again.')
      if (!(await isActive(identity.userId))) throw new AppError('account-suspended', 'Ask an administrator.')
      const { sessionId } = identity
      if (sessionId !== null && !(await isSessionLive(sessionId, identity.userId))) {
        throw new AppError('invalid-token', 'The session that this token was got in is over. Sign in again.')
      }
      const caller = { ...identity, isAdmin: false }
      await limitUser(caller, origin)
      return caller
    },

    async asGuest(origin) {
      if (!guests) throw new AppError('unauthenticated', 'Guests are not let in here. Sign in.')
      const wait = limits.guestRequest(origin.ip)
      if (wait > 0) await refuseThrottled(audit, null, 'guest-requests', wait, origin)
      return GUEST
    },

    async requireAdmin({ userId, isAdmin }, place, origin) {
      if (isAdmin) return
      await audit.record({
        action: 'admin.request',
        outcome: 'deny',
        userId,
        bucket: null,
        key: null,
        reason: 'not-administrator',
        detail: { method: place.method, path: place.path.slice(0, 200) },
        origin,
      })
      throw new AppError('forbidden', 'Only an administrator may do this.')
    },

    async bySignature(request, service, origin) {
      await refuseFlood(origin)
      const caller = await verified(request, service).catch((error: unknown) => {
        if (error instanceof SignatureError) limits.badToken(origin.ip)
        throw error
      })
      await limitUser(caller, origin)
      return caller
    },
  }
}

/** The key and region that a header claims to sign with. Nothing is believed of it yet. */
function claimed(authorization: string | undefined): { accessKeyId: string; region: string } | undefined {
  const text = /[\s,]Credential=([^\s,]{1,512})/.exec(authorization ?? '')?.[1]
  return text === undefined ? undefined : parseCredential(text)
}

/** The path and the query of a request as they came. A proxy may have sent them with a host before. */
export function targetOf(request: FastifyRequest): [path: string, query: string] {
  const url = (request.raw.url ?? '').replace(/^https?:\/\/[^/?]*/i, '')
  const at = url.indexOf('?')
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}
