import type { SkyCrateClient } from '@skycrate/client/client'
import type { QueryClient } from '@tanstack/react-query'
import { createContext, use } from 'react'
import type { Connection } from '../data/connection.ts'
import type { GuestVisit } from '../data/guest-visit.ts'
import type { IdentityCheck } from '../data/identity-check.ts'
import type { Interruption } from '../data/interruption.ts'
import type { Tabs } from '../data/tabs.ts'
import type { Straight } from '../sign-in/straight.ts'
import type { Toasts } from '../ui/toasts.ts'
import type { Uploads } from '../uploads/uploads.ts'

/** What main.tsx creates once and every page may use. */
export interface App {
  readonly api: SkyCrateClient
  readonly queries: QueryClient
  readonly uploads: Uploads
  readonly toasts: Toasts
  readonly connection: Connection
  readonly interruption: Interruption
  readonly tabs: Tabs
  readonly guestVisit: GuestVisit
  readonly identityCheck: IdentityCheck
  readonly straight: Straight
  /** To be told of each key that this page added or deleted. */
  readonly refreshListings: (bucket: string, key: string) => void
}

export const AppContext = createContext<App | undefined>(undefined)

export function useApp(): App {
  const app = use(AppContext)
  if (!app) throw new Error('AppContext is missing')
  return app
}
