import type { CredentialsRequest, Locations, TemporaryCredentials } from '@skycrate/contract/credentials/schemas'
import { type Location, locationsOf } from '@skycrate/core/access/locations'
import { ACTIONS, actionSet, actionsOf } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import { compileSessionPolicy } from '@skycrate/core/access/session-policy'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { Gate, LocationRequest } from '../access/gate.ts'
import { locationPage } from '../access/location-page.ts'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { CredentialIssuer, IssuedCredentials } from '../stores/credential-issuer.ts'

/** Seconds: the shortest lifetime that STS gives, and what a request gets that doesn't say. */
const SHORTEST = 900
const DEFAULT_DURATION = 3600
/** Credentials held for one set of permissions at most: durations and folders are the caller's choice. */
const MAX_HELD = 32

export interface CredentialVending {
  /** The caller's locations, in order of store, bucket and prefix. @throws AppError `invalid-cursor` */
  locations(caller: Caller, limit: number, cursor: string | undefined): Promise<Locations>
  /**
   * Credentials for one location. They never outlive a permission that allows them.
   * @throws AppError `forbidden`, `invalid-request`, `permission-expires-soon`, `location-too-long`,
   * `credentials-unsupported`, `store-unavailable`, `store-refused`, `audit-unavailable`, `database-unavailable`
   */
  create(caller: Caller, request: CredentialsRequest, origin: RequestOrigin): Promise<TemporaryCredentials>
}

interface Held extends IssuedCredentials {
  /** Milliseconds that they were asked for. */
  readonly lifetime: number
}

export function createCredentialVending(options: {
  readonly gate: Gate
  readonly permissions: PermissionCache
  readonly issuerOf: (store: StoreId) => CredentialIssuer
  readonly now: () => number
}): CredentialVending {
  const { gate, permissions, issuerOf, now } = options
  /** What was issued under a set of permissions. A changed permission makes another set, so nothing outlives a change. */
  const held = new WeakMap<PermissionSet, Map<string, Promise<Held>>>()

  /** Issued before for the same location, while more than half of its lifetime is left; or issued now. */
  async function issue(set: PermissionSet, location: Location, seconds: number, requestId: string): Promise<Held> {
    const compiled = compileSessionPolicy([location])
    if (compiled.outcome === 'nothing-allowed') throw new Error('a location without actions was decided on')
    if (compiled.outcome === 'too-large') {
      throw new AppError(
        'location-too-long',
        `The policy for this folder has ${compiled.characters} characters; S3 allows ${compiled.limit}. Use presigned URLs.`,
      )
    }
    let bySet = held.get(set)
    if (!bySet) held.set(set, (bySet = new Map()))
    const name = `${seconds} ${compiled.policy}`
    const known = await bySet.get(name)
    if (known && known.expiresAt - now() > known.lifetime / 2) return known
    const issuing = issuerOf(location.store)
      .issue({ policy: compiled.policy, sessionName: requestId, durationSeconds: seconds })
      .then((credentials) => ({ ...credentials, lifetime: seconds * 1000 }))
    if (bySet.size >= MAX_HELD) bySet.delete(bySet.keys().next().value!)
    bySet.set(name, issuing)
    try {
      return await issuing
    } catch (error) {
      bySet.delete(name)
      throw error
    }
  }

  return {
    async locations(caller, limit, cursor) {
      const set = await permissions.permissionsOf(caller)
      const page = locationPage(set, limit, cursor, now())
      return {
        locations: page.locations.map(({ store, bucket, prefix, actions, expiresAt }) => ({
          store,
          bucket,
          prefix,
          actions: actionsOf(actions),
          expiresAt: Number.isFinite(expiresAt) ? new Date(expiresAt).toISOString() : null,
        })),
        nextCursor: page.nextCursor,
      }
    },

    async create(caller, request, origin) {
      const { bucket } = request
      const set = await permissions.permissionsOf(caller)
      const prefix = request.prefix === undefined ? onlyPrefix(set, bucket, now()) : requirePrefix(request.prefix)
      const asked = request.durationSeconds ?? DEFAULT_DURATION
      const ask: LocationRequest = {
        store: DEFAULT_STORE,
        bucket,
        prefix,
        actions: request.actions ?? ACTIONS,
        needed: request.actions === undefined ? 'any' : 'all',
      }
      return gate.vendLocation(caller, ask, origin, async ({ actions, expiresAt }) => {
        const seconds = Math.min(asked, Math.floor((expiresAt - now()) / 1000))
        if (seconds < SHORTEST) {
          throw new AppError(
            'permission-expires-soon',
            `Credentials are valid for at least ${SHORTEST / 60} minutes, and your permission expires before that. Use presigned URLs.`,
          )
        }
        const location: Location = { store: DEFAULT_STORE, bucket, prefix, actions: actionSet(actions), expiresAt }
        const issued = await issue(set, location, seconds, origin.requestId)
        const expiration = new Date(issued.expiresAt).toISOString()
        const { accessKeyId, secretAccessKey, sessionToken } = issued
        return {
          released: {
            accessKeyId,
            secretAccessKey,
            sessionToken,
            expiration,
            ...issuerOf(DEFAULT_STORE).placeOf(bucket),
            location: { bucket, prefix, actions: [...actions] },
          },
          detail: { expiresAt: expiration, accessKeyId },
        }
      })
    },
  }
}

/** The caller's location in a bucket, when it is the only one. Without any, the whole bucket, which is then refused. */
function onlyPrefix(set: PermissionSet, bucket: string, now: number): string {
  const prefixes = locationsOf(set, now)
    .filter((location) => location.store === DEFAULT_STORE && location.bucket === bucket)
    .map(({ prefix }) => prefix)
  if (prefixes.length <= 1) return prefixes[0] ?? ''
  throw new AppError('invalid-request', undefined, {
    errors: [{ path: '/prefix', message: 'is required: you have several locations in this bucket' }],
  })
}

function requirePrefix(text: string): string {
  const verdict = parsePrefix(text)
  if (verdict.ok) return verdict.prefix
  throw new AppError('invalid-request', undefined, {
    errors: [{ path: '/prefix', message: `must be '' or a folder that ends in '/' (${verdict.problem})` }],
  })
}
