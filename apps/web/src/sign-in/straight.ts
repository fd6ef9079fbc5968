import type { SkyCrateClient } from '@skycrate/client/client'
import type { QueryClient } from '@tanstack/react-query'
import { signInIssuersQuery } from '../data/queries.ts'
import { PATHS } from '../paths.ts'
import { issuerStart } from './issuer-start.ts'

/** Sends people who are not signed in to their issuer, without the sign-in page between. */
export interface Straight {
  /**
   * @param next the page that they wanted
   * @returns whether the browser is leaving; else the sign-in page is to be shown
   */
  go(next: string | undefined): Promise<boolean>
  /** Somebody has signed out here: they may want to be somebody else. */
  stop(): void
}

const SENT = 'skycrate.sent-to-issuer'
/**
 * Milliseconds in which a tab is sent once. Whoever is back by then without a session, by Back or since the browser keeps no
 * cookies, gets the sign-in page rather than be sent around in circles.
 */
const ONCE_IN = 60_000

export function createStraight(api: SkyCrateClient, queries: QueryClient): Straight {
  let stopped = false
  return {
    async go(next) {
      if (stopped) return false
      try {
        const { issuers } = await queries.ensureQueryData(signInIssuersQuery(api))
        const [direct, another] = issuers.filter((issuer) => issuer.direct)
        if (!direct || another || Date.now() - Number(sessionStorage.getItem(SENT)) < ONCE_IN) return false
        sessionStorage.setItem(SENT, String(Date.now()))
        window.location.replace(issuerStart(direct.id, next ?? PATHS.files))
        return true
      } catch {
        // The server is away, or the browser keeps nothing: the sign-in page says so.
        return false
      }
    },
    stop() {
      stopped = true
    },
  }
}
