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
import type { CredentialIssuer } from '../stores/credential-issuer.ts'
import { DEFAULT_DURATION, type HeldCredentials, SHORTEST } from './held-credentials.ts'
import { notExpressible } from './not-expressible.ts'

export interface CredentialVending {
  /** The caller's locations, in order of store, bucket and prefix. @throws AppError `invalid-cursor` */
  locations(caller: Caller, limit: number, cursor: string | undefined): Promise<Locations>
  /**
   * Credentials for one location. They never outlive a permission that allows them.
   * @throws AppError `forbidden`, `bucket-missing`, `invalid-request`, `permission-expires-soon`, `location-too-long`,
   * `credentials-unsupported`, `store-unavailable`, `store-refused`, `audit-unavailable`, `database-unavailable`
   */
  create(caller: Caller, request: CredentialsRequest, origin: RequestOrigin): Promise<TemporaryCredentials>
}

export function createCredentialVending(options: {
  readonly gate: Gate
  readonly permissions: PermissionCache
  readonly issuerOf: (store: StoreId) => CredentialIssuer
  readonly held: HeldCredentials
  /** Seconds that credentials are valid at most. */
  readonly longest: number
  readonly now: () => number
}): CredentialVending {
  const { gate, permissions, issuerOf, held, longest, now } = options
  /** Issued before for the same location, or now. */
  async function issue(set: PermissionSet, location: Location, seconds: number, requestId: string) {
    const { escapes } = issuerOf(location.store)
    const compiled = compileSessionPolicy([location], { escapes })
    if (compiled.outcome === 'nothing-allowed') throw new Error('a location without actions was decided on')
    if (compiled.outcome === 'not-expressible') throw notExpressible()
    if (compiled.outcome === 'too-large') {
      throw new AppError(
        'location-too-long',
        `The policy for this folder has ${compiled.characters} characters; S3 allows ${compiled.limit}. Use presigned URLs.`,
      )
    }
    const { store } = location
    return held.issue(set, { store, policy: compiled.policy, seconds, least: 0, requestId, use: 'store' })
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
      const asked = Math.min(request.durationSeconds ?? DEFAULT_DURATION, longest)
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
