import type { SkyCrateClient } from '@skycrate/client/client'
import type { QueryClient } from '@tanstack/react-query'
import { signUpQuery } from '../sign-in/sign-up-query.ts'

/** Somebody who is not signed in looks at what guests may see. */
export interface GuestVisit {
  /** @returns whether guests are let in */
  begin(): Promise<boolean>
  /** Somebody is signed in: what a guest saw of a folder may be less than what they see. */
  end(): void
}

/** @param forget drops what was fetched as a guest */
export function createGuestVisit(api: SkyCrateClient, queries: QueryClient, forget: () => void): GuestVisit {
  let isOn = false
  return {
    async begin() {
      const { guests } = await queries.ensureQueryData(signUpQuery(api))
      isOn = guests
      return guests
    },
    end() {
      if (!isOn) return
      isOn = false
      forget()
    },
  }
}
