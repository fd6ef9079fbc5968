import { randomBytes } from 'node:crypto'
import { type Location, locationsOf } from '@skycrate/core/access/locations'
import { decide } from '@skycrate/core/access/decide'
import { ACTION_BIT, type Action, ACTIONS, actionsOf } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import type { PolicyBound } from '@skycrate/core/access/policy-bound'
import { compileSessionPolicy, type SessionPolicy } from '@skycrate/core/access/session-policy'
import type { SessionId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { Gate } from '../access/gate.ts'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { SessionKeys } from '../identity/session-keys.ts'
import type { CredentialIssuer, IssuedCredentials } from '../stores/credential-issuer.ts'
import { DEFAULT_DURATION, type HeldCredentials, SHORTEST } from './held-credentials.ts'
import { notExpressible } from './not-expressible.ts'

/** A user, and the session of SkyCrate that they signed in by. */
type SessionOf = Exclude<Caller, { guest: true }> & { readonly sessionId?: SessionId | null }

export interface SessionRequest {
  /** Undefined: all that the caller has in the default store. */
  readonly location?: { readonly bucket: string; readonly prefix: string } | undefined
  /** Undefined: all that is allowed there. */
  readonly actions?: readonly Action[] | undefined
  /** Those of the actions without which there is to be nothing. */
  readonly required?: readonly Action[] | undefined
  /** What the session may not exceed either. */
  readonly bound?: PolicyBound | undefined
  /** 900 to 43,200; the end of a permission may make it shorter. */
  readonly durationSeconds?: number | undefined
  /** False: it signs no requests to SkyCrate. */
  readonly signs?: boolean
  /** Seconds that it has to hold; what ends before that is left out. At least 900. */
  readonly leastSeconds?: number | undefined
}

export interface Session extends IssuedCredentials {
  readonly locations: readonly Location[]
}

/** Temporary credentials as the doors of AWS's protocols give them out. */
export interface Sessions {
  /**
   * Credentials for all that the caller has, or for a part of it. Those for all sign requests to SkyCrate as the caller,
   * too: nobody gets more by that than they hold.
   * @throws AppError `forbidden`, `permission-expires-soon`, `too-many-locations`, `credentials-unsupported`,
   * `store-unavailable`, `store-refused`, `audit-unavailable`, `database-unavailable`
   */
  create(
    caller: SessionOf | Extract<Caller, { guest: true }>,
    request: SessionRequest,
    origin: RequestOrigin,
  ): Promise<Session>
  /**
   * Credentials that sign requests to SkyCrate and that no store knows.
   * @throws AppError `insufficient-scope` for an access token; `audit-unavailable`, `database-unavailable`
   */
  createIdentity(
    caller: SessionOf,
    durationSeconds: number | undefined,
    origin: RequestOrigin,
  ): Promise<IssuedCredentials>
}

interface Whole {
  /** Milliseconds since the epoch from which on it is not true any more. */
  readonly until: number
  readonly locations: readonly Location[]
  readonly compiled: SessionPolicy
}

export function createSessions(options: {
  readonly gate: Gate
  readonly permissions: PermissionCache
  readonly issuerOf: (store: StoreId) => CredentialIssuer
  readonly held: HeldCredentials
  readonly keys: SessionKeys
  readonly audit: AuditLog
  /** Seconds that credentials are valid at most. */
  readonly longest: number
  readonly now: () => number
}): Sessions {
  const { gate, permissions, issuerOf, held, keys, audit, longest, now } = options
  /** Worked out once for a set of permissions and a shortest lifetime: a caller may have very many. */
  const wholes = new WeakMap<PermissionSet, Map<number, Whole>>()

  function wholeOf(set: PermissionSet, least: number): Whole {
    const time = now()
    const known = wholes.get(set)?.get(least)
    if (known && time < known.until) return known
    const all = locationsOf(set, time).filter(({ store }) => store === DEFAULT_STORE)
    const locations = all.filter(({ expiresAt }) => expiresAt - time >= least * 1000)
    const ends = all.map(({ expiresAt }) => (expiresAt - time >= least * 1000 ? expiresAt - least * 1000 : expiresAt))
    const whole = {
      until: ends.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY),
      locations: all.length > 0 && locations.length === 0 ? all : locations,
      compiled: compileSessionPolicy(locations, { escapes: issuerOf(DEFAULT_STORE).escapes }),
    }
    let bySet = wholes.get(set)
    if (!bySet) wholes.set(set, (bySet = new Map()))
    bySet.set(least, whole)
    return whole
  }

  /** What is allowed at one place, as `decide` says. */
  function locationAt(
    set: PermissionSet,
    place: { readonly bucket: string; readonly prefix: string },
    actions: readonly Action[],
  ): Location {
    const time = now()
    let bits = 0
    let expiresAt = Number.POSITIVE_INFINITY
    for (const action of actions) {
      const operation = { action, store: DEFAULT_STORE, bucket: place.bucket, key: place.prefix }
      const decision = decide(set, operation, time)
      if (decision.outcome === 'deny') continue
      bits |= ACTION_BIT[action]
      expiresAt = Math.min(expiresAt, decision.expiresAt)
    }
    return { store: DEFAULT_STORE, ...place, actions: bits, expiresAt }
  }

  const soon = (least: number): AppError =>
    new AppError(
      'permission-expires-soon',
      `Credentials of this kind are valid for at least ${least / 60} minutes, and your permission expires before that.`,
    )

  return {
    async create(caller, request, origin) {
      const { location, actions = ACTIONS, required = [], bound } = request
      const least = Math.min(Math.max(SHORTEST, request.leastSeconds ?? 0), longest)
      const asked = Math.min(request.durationSeconds ?? DEFAULT_DURATION, longest)
      const isWhole = location === undefined && request.actions === undefined && bound === undefined
      const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))

      let compiled: SessionPolicy
      if (location !== undefined) {
        const found = locationAt(set, location, actions)
        const isEnough = required.every((action) => (found.actions & ACTION_BIT[action]) !== 0)
        if (found.actions === 0 || !isEnough) {
          const place = isEnough
            ? ({ actions, needed: 'any' } as const)
            : ({ actions: required, needed: 'all' } as const)
          return gate.vendLocations(caller, [{ store: DEFAULT_STORE, ...location, ...place }], origin, () =>
            Promise.reject(soon(least)),
          )
        }
        if (found.expiresAt - now() < least * 1000) {
          return gate.refuseCredentials(caller, soon(least), 'permission-expires-soon', origin)
        }
        compiled = compileSessionPolicy([found], { bound, escapes: issuerOf(DEFAULT_STORE).escapes })
      } else {
        const whole = wholeOf(set, least)
        if (whole.locations.length > 0 && whole.compiled.outcome === 'nothing-allowed') {
          return gate.refuseCredentials(caller, soon(least), 'permission-expires-soon', origin)
        }
        compiled =
          bound === undefined
            ? whole.compiled
            : compileSessionPolicy(whole.locations, { bound, escapes: issuerOf(DEFAULT_STORE).escapes })
      }
      if (compiled.outcome === 'nothing-allowed') {
        const detail = bound ? 'The policy allows nothing of what you may do.' : 'You have access to nothing.'
        return gate.refuseCredentials(caller, new AppError('forbidden', detail), 'no-permission', origin)
      }
      if (compiled.outcome === 'not-expressible') {
        return gate.refuseCredentials(caller, notExpressible(), 'credentials-unsupported', origin)
      }
      if (compiled.outcome === 'too-large') {
        const { characters, limit } = compiled
        const detail = `The policy for these locations has ${characters} characters; S3 allows ${limit}. Ask for one location.`
        return gate.refuseCredentials(caller, new AppError('too-many-locations', detail), 'too-many-locations', origin)
      }
      const { policy, locations } = compiled
      const places = locations.map((each) => ({
        store: each.store,
        bucket: each.bucket,
        prefix: each.prefix,
        actions: actionsOf(each.actions),
        needed: 'all' as const,
      }))
      return gate.vendLocations(caller, places, origin, async (allowed) => {
        const end = allowed.reduce((one, { expiresAt }) => Math.min(one, expiresAt), Number.POSITIVE_INFINITY)
        const seconds = Math.min(asked, Math.floor((end - now()) / 1000))
        if (seconds < Math.min(least, asked)) throw soon(least)
        // What an access token gets does not sign requests to SkyCrate: there, its scope would be forgotten.
        const isSession = isWhole && !('guest' in caller) && !caller.scope && request.signs !== false
        const issued = await held.issue(set, {
          store: DEFAULT_STORE,
          policy,
          seconds,
          least: Math.min(least, seconds),
          requestId: origin.requestId,
          use: isSession ? { signsIn: caller.sessionId ?? null } : 'store',
          ...(isSession && { onIssued: (given) => keys.remember(given, identityOf(caller)) }),
        })
        const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = issued
        return {
          released: { accessKeyId, secretAccessKey, sessionToken, expiresAt, locations },
          detail: { expiresAt: new Date(expiresAt).toISOString(), accessKeyId },
        }
      })
    },

    async createIdentity(caller, durationSeconds = DEFAULT_DURATION, origin) {
      if (caller.scope) throw new AppError('insufficient-scope', 'An access token has no identity of its own. Sign in.')
      const issued: IssuedCredentials = {
        accessKeyId: `ASIA${base32(randomBytes(16))}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(48).toString('base64'),
        expiresAt: (Math.floor(now() / 1000) + Math.min(durationSeconds, longest)) * 1000,
      }
      await keys.remember(issued, identityOf(caller))
      await audit.record({
        action: 'credentials.create',
        outcome: 'allow',
        userId: caller.userId,
        bucket: null,
        key: null,
        reason: null,
        detail: {
          actions: [],
          accessKeyId: issued.accessKeyId,
          expiresAt: new Date(issued.expiresAt).toISOString(),
        },
        origin,
      })
      return issued
    },
  }
}

function identityOf({ userId, sessionId = null, groups, verifiedEmail = null }: SessionOf) {
  return { userId, sessionId, groups, verifiedEmail }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const base32 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => ALPHABET.charAt(byte % 32)).join('')
