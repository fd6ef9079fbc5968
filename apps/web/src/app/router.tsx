import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router'
import { meQuery } from '../data/queries.ts'
import { lazy, type ReactElement, Suspense } from 'react'
import { PATHS, toFiles, toLocations, toNext, toSignIn } from '../paths.ts'
import { AdminOnly } from '../shell/admin-only.tsx'
import { AppShell } from '../shell/app-shell.tsx'
import { NotFoundPage } from '../shell/not-found-page.tsx'
import { PendingPage } from '../shell/pending-page.tsx'
import { RouteProblem } from '../shell/route-problem.tsx'
import type { App } from './app-context.ts'
import type { AppPage } from './app-page.ts'
import { lazyPage } from './lazy-page.ts'
import { PAGES } from './pages.ts'
import { parsePagePath } from '@skycrate/contract/page-path'
import { parseSearch, stringifySearch } from './search-params.ts'

const GuestShell = lazy(() => import('../shell/guest-shell.tsx').then((module) => ({ default: module.GuestShell })))

interface SignInSearch {
  readonly next?: string
  /** The code of what went wrong at an issuer. */
  readonly problem?: string
}

const rootRoute = createRootRouteWithContext<App>()({ component: Outlet, notFoundComponent: NotFoundPage })

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.signIn,
  // What it leaves out, the router merges back in from the address: `next` is checked again wherever it is read.
  validateSearch: ({ next, problem }: Record<string, unknown>): SignInSearch => ({
    ...(typeof next === 'string' ? { next } : {}),
    ...(typeof problem === 'string' ? { problem } : {}),
  }),
  beforeLoad: ({ context, search }) => {
    if (context.api.isSignedIn()) throw redirect({ ...toNext(search.next), replace: true })
  },
  component: lazyPage(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.signedIn,
  component: lazyPage(() => import('../sign-in/signed-in-page.tsx'), 'SignedInPage'),
})

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.invitation,
  component: lazyPage(() => import('../sign-in/set-password-page.tsx'), 'InvitationPage'),
})

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.resetPassword,
  component: lazyPage(() => import('../sign-in/set-password-page.tsx'), 'ResetPasswordPage'),
})

const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.signUp,
  component: lazyPage(() => import('../sign-in/sign-up-page.tsx'), 'SignUpPage'),
})

const forgotPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.forgotPassword,
  component: lazyPage(() => import('../sign-in/forgot-password-page.tsx'), 'ForgotPasswordPage'),
})

const sharedLinkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.sharedLink,
  component: lazyPage(() => import('../shared-link/shared-link-page.tsx'), 'SharedLinkPage'),
})

const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const { api, guestVisit, interruption, straight } = context
    // A page that was interrupted asks for itself, and keeps what is on it.
    if (api.isSignedIn() || interruption.isOn()) {
      guestVisit.end()
      return { isGuest: false }
    }
    if (!(await guestVisit.begin())) {
      const next = parsePagePath(location.href)
      // Until the browser has left there is nothing to show.
      if (await straight.go(next)) await new Promise(() => undefined)
      throw redirect(toSignIn(next))
    }
    return { isGuest: true }
  },
  loader: ({ context }) => (context.isGuest ? null : context.queries.ensureQueryData(meQuery(context.api))),
  component: AppFrame,
  errorComponent: RouteProblem,
})

function AppFrame(): ReactElement {
  const { isGuest } = appRoute.useRouteContext()
  if (!isGuest) return <AppShell />
  return (
    <Suspense fallback={<PendingPage />}>
      <GuestShell />
    </Suspense>
  )
}

const rootIndexRoute = createRoute({
  getParentRoute: () => appRoute,
  path: PATHS.root,
  beforeLoad: ({ context }) => {
    throw redirect({ ...(context.isGuest ? toLocations() : toFiles()), replace: true })
  },
})

function routeOf(page: AppPage) {
  const { path, audience, component: Component, prefetch } = page
  return createRoute({
    getParentRoute: () => appRoute,
    path,
    validateSearch: (search: Record<string, unknown>): Record<string, unknown> => search,
    loaderDeps: ({ search }) => search,
    beforeLoad: ({ context, location }) => {
      if (context.isGuest && audience !== 'guest') throw redirect(toSignIn(parsePagePath(location.href)))
    },
    loader: async ({ context, params, deps }) => {
      if (!prefetch) return
      if (context.isGuest) return prefetch(context, { params, search: deps })
      const me = await context.queries.ensureQueryData(meQuery(context.api))
      if (me.needsSecondFactor) return
      // What only administrators may ask is not even tried for others: it would stand in the log as a refusal.
      if (audience === 'admin' && !me.isAdmin) return
      prefetch(context, { params, search: deps })
    },
    component:
      audience !== 'admin'
        ? Component
        : () => (
            <AdminOnly>
              <Component />
            </AdminOnly>
          ),
  })
}

const routeTree = rootRoute.addChildren([
  signInRoute,
  signedInRoute,
  invitationRoute,
  resetPasswordRoute,
  signUpRoute,
  forgotPasswordRoute,
  sharedLinkRoute,
  // The pages of the registry are not in the router's types: `toPage` and `usePageSearch` stand for them.
  appRoute.addChildren([rootIndexRoute, ...(PAGES.map(routeOf) as [])]),
])

export function createAppRouter(app: App) {
  return createRouter({
    routeTree,
    context: app,
    parseSearch,
    stringifySearch,
    // Pages are not fetched on hovering over their links: the audit log would tell of folders that nobody opened.
    defaultPreload: false,
    defaultErrorComponent: RouteProblem,
    defaultPendingComponent: PendingPage,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
