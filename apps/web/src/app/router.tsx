import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { parseAuditSearch } from '../audit/audit-search.ts'
import { PATHS, safeNext, toFiles, toSignIn } from '../paths.ts'
import { AppShell } from '../shell/app-shell.tsx'
import { NotFoundPage } from '../shell/not-found-page.tsx'
import { PendingPage } from '../shell/pending-page.tsx'
import { RouteProblem } from '../shell/route-problem.tsx'
import type { App } from './app-context.ts'
import { activityQuery, auditQuery, bucketsQuery, homeQuery, listingQuery, meQuery } from './queries.ts'
import { parseSearch, stringifySearch } from './search-params.ts'

interface SignInSearch {
  readonly next?: string
}

interface FilesSearch {
  readonly folder?: string
}

interface BucketSearch {
  readonly prefix?: string
}

const rootRoute = createRootRouteWithContext<App>()({ component: Outlet, notFoundComponent: NotFoundPage })

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: PATHS.signIn,
  validateSearch: ({ next }: Record<string, unknown>): SignInSearch => {
    const safe = safeNext(next)
    return safe === undefined ? {} : { next: safe }
  },
  beforeLoad: ({ context, search }) => {
    if (context.api.isSignedIn())
      throw search.next === undefined ? redirect(toFiles()) : redirect({ href: search.next })
  },
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: ({ context, location }) => {
    if (!context.api.isSignedIn()) throw redirect(toSignIn(safeNext(location.href)))
  },
  loader: ({ context }) => context.queries.ensureQueryData(meQuery(context.api)),
  component: AppShell,
  errorComponent: RouteProblem,
})

const rootIndexRoute = createRoute({
  getParentRoute: () => appRoute,
  path: PATHS.root,
  beforeLoad: () => {
    throw redirect({ ...toFiles(), replace: true })
  },
})

// The loaders below begin to fetch and do not wait: pages show themselves at once, and what is still missing in them.

const filesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: PATHS.files,
  validateSearch: ({ folder }: Record<string, unknown>): FilesSearch =>
    typeof folder === 'string' && folder !== '' ? { folder } : {},
  loaderDeps: ({ search }) => ({ folder: search.folder ?? '' }),
  loader: ({ context: { api, queries }, deps }) => {
    void queries
      .ensureQueryData(homeQuery(api))
      .then(({ bucket, prefix }) => queries.prefetchInfiniteQuery(listingQuery(api, bucket, `${prefix}${deps.folder}`)))
      // The page asks again and shows what it gets.
      .catch(() => undefined)
  },
  component: lazyRouteComponent(() => import('../files/files-page.tsx'), 'FilesPage'),
})

const bucketsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: PATHS.buckets,
  loader: ({ context: { api, queries } }) => {
    void queries.prefetchInfiniteQuery(bucketsQuery(api))
  },
  component: lazyRouteComponent(() => import('../buckets/buckets-page.tsx'), 'BucketsPage'),
})

const bucketRoute = createRoute({
  getParentRoute: () => appRoute,
  path: PATHS.bucket,
  validateSearch: ({ prefix }: Record<string, unknown>): BucketSearch =>
    typeof prefix === 'string' && prefix !== '' ? { prefix } : {},
  loaderDeps: ({ search }) => ({ prefix: search.prefix ?? '' }),
  loader: ({ context: { api, queries }, params, deps }) => {
    void queries.prefetchInfiniteQuery(bucketsQuery(api))
    void queries.prefetchInfiniteQuery(listingQuery(api, params.bucket, deps.prefix))
  },
  component: lazyRouteComponent(() => import('../files/bucket-page.tsx'), 'BucketPage'),
})

const activityRoute = createRoute({
  getParentRoute: () => appRoute,
  path: PATHS.activity,
  loader: ({ context: { api, queries } }) => {
    void queries.prefetchInfiniteQuery(activityQuery(api))
  },
  component: lazyRouteComponent(() => import('../audit/activity-page.tsx'), 'ActivityPage'),
})

const auditRoute = createRoute({
  getParentRoute: () => appRoute,
  path: PATHS.audit,
  validateSearch: parseAuditSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context: { api, queries }, deps }) => {
    void queries.prefetchInfiniteQuery(auditQuery(api, deps))
  },
  component: lazyRouteComponent(() => import('../audit/audit-page.tsx'), 'AuditPage'),
})

const routeTree = rootRoute.addChildren([
  signInRoute,
  appRoute.addChildren([rootIndexRoute, filesRoute, bucketsRoute, bucketRoute, activityRoute, auditRoute]),
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
