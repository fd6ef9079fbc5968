import type SvgIcon from '@mui/material/SvgIcon'
import type { AsyncRouteComponent } from '@tanstack/react-router'
import type { App } from './app-context.ts'

/** A page of the app, beside those of signing in. */
export interface AppPage {
  /** In the router's notation: `/admin/users/$userId`. */
  readonly path: `/${string}`
  /** What the navigation calls it. */
  readonly title: string
  /** A page without one is not in the navigation, such as the page of a single user. */
  readonly icon?: typeof SvgIcon
  readonly section: 'files' | 'administration'
  /** Who may open it; guests only where they are let in. It is neither offered nor fetched for anybody else. */
  readonly audience: 'guest' | 'user' | 'admin'
  /** `lazyPage(() => import('…'), 'NameOfTheComponent')` */
  readonly component: AsyncRouteComponent<unknown>
  /**
   * Begins to fetch what the page shows, before its script has arrived. The page asks again and shows what it gets, so
   * nothing is awaited here.
   */
  readonly prefetch?: (app: App, at: PageAddress) => void
}

export interface PageAddress {
  readonly params: Readonly<Record<string, string>>
  readonly search: Readonly<Record<string, unknown>>
}
