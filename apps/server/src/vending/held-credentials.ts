import type { PermissionSet } from '@skycrate/core/access/permission-set'
import type { SessionId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { CredentialIssuer, IssuedCredentials } from '../stores/credential-issuer.ts'

/** Seconds: the shortest lifetime that STS gives. */
export const SHORTEST = 900
/** Seconds, for a request that doesn't say. */
export const DEFAULT_DURATION = 3600
/** Credentials held for one set of permissions at most: durations and folders are the caller's choice. */
const MAX_HELD = 32

/** They sign requests to SkyCrate until the sign-in session ends that got them; null: got by a token of another issuer. */
interface SigningUse {
  readonly signsIn: SessionId | null
}

export interface Wanted {
  readonly store: StoreId
  readonly policy: string
  /** Seconds for which new ones are issued. */
  readonly seconds: number
  /** Seconds that held ones must have left; at least half of their lifetime in any case. */
  readonly least: number
  /** For the store's own log. */
  readonly requestId: string
  /** What the holder may do with them besides; those of one use are never given out for another. */
  readonly use: 'store' | SigningUse
  /** Called once for new credentials, before anybody gets them. */
  readonly onIssued?: (issued: IssuedCredentials) => Promise<void>
}

/** Credentials of a store, issued once for as long as half of their lifetime, and given out again meanwhile. */
export interface HeldCredentials {
  /** @throws AppError as `CredentialIssuer.issue` does */
  issue(set: PermissionSet, wanted: Wanted): Promise<IssuedCredentials>
}

interface Held extends IssuedCredentials {
  /** Milliseconds that they were asked for. */
  readonly lifetime: number
}

export function createHeldCredentials(options: {
  readonly issuerOf: (store: StoreId) => CredentialIssuer
  readonly now: () => number
}): HeldCredentials {
  const { issuerOf, now } = options
  /** What was issued under a set of permissions. A changed permission makes another set, so nothing outlives a change. */
  const held = new WeakMap<PermissionSet, Map<string, Promise<Held>>>()

  return {
    async issue(set, { store, policy, seconds, least, requestId, use, onIssued }) {
      let bySet = held.get(set)
      if (!bySet) held.set(set, (bySet = new Map()))
      const name = `${use === 'store' ? use : `signs ${use.signsIn}`} ${seconds} ${store} ${policy}`
      for (let holding = bySet.get(name); holding !== undefined; holding = bySet.get(name)) {
        const known = await holding
        if (known.expiresAt - now() > Math.max(known.lifetime / 2, least * 1000)) return known
        // Of many who wait, one asks for others.
        if (bySet.get(name) === holding) break
      }
      const issuing = issuerOf(store)
        .issue({ policy, sessionName: requestId, durationSeconds: seconds })
        .then(async (credentials) => {
          await onIssued?.(credentials)
          return { ...credentials, lifetime: seconds * 1000 }
        })
      if (bySet.size >= MAX_HELD) bySet.delete(bySet.keys().next().value!)
      bySet.set(name, issuing)
      try {
        return await issuing
      } catch (error) {
        if (bySet.get(name) === issuing) bySet.delete(name)
        throw error
      }
    },
  }
}
