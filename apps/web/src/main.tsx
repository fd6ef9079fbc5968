import { createClient } from '@skycrate/client/client'
import CssBaseline from '@mui/material/CssBaseline'
import { ThemeProvider } from '@mui/material/styles'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { AppContext } from './app/app-context.ts'
import { createAppRouter } from './app/router.tsx'
import { forgetOpenFolders } from './folder-tree/open-folders.ts'
import { parsePagePath } from '@skycrate/contract/page-path'
import { theme } from './app/theme.ts'
import { comeBack } from './data/come-back.ts'
import { createConnection } from './data/connection.ts'
import { createGuestVisit } from './data/guest-visit.ts'
import { createIdentityCheck } from './data/identity-check.ts'
import { createInterruption } from './data/interruption.ts'
import { createListingRefresher } from './data/listing-refresher.ts'
import { meQuery } from './data/queries.ts'
import { KEYS } from './data/query-keys.ts'
import { createQueryClient } from './data/query-client.ts'
import { createTabs } from './data/tabs.ts'
import { toSignIn } from './paths.ts'
import { refuseStrayDrops } from './shell/refuse-stray-drops.ts'
import { createStraight } from './sign-in/straight.ts'
import { createToasts } from './ui/toasts.ts'
import { createUploads } from './uploads/uploads.ts'

/** Milliseconds between two signs of life to the server while files are sent, which otherwise go past it. */
const KEEP_ALIVE_EVERY = 5 * 60_000

const queries = createQueryClient()
const interruption = createInterruption()
const identityCheck = createIdentityCheck()

const connection = createConnection(() => {
  void queries.invalidateQueries()
  uploads.wake()
})

const api = createClient({
  baseUrl: '',
  fetch: connection.fetch,
  session: 'cookie',
  confirmIdentity: () => identityCheck.ask(),
  onSignedOut: (reason) => {
    if (reason === 'logout') tabs.tell('signed-out')
    // Where a page stands already, it stays; at the first load there is nothing to keep.
    if (reason === 'expired' && queries.getQueryData(meQuery(api).queryKey)) return interruption.begin()
    if (reason === 'logout') {
      straight.stop()
      void uploads.cancelAll()
    } else uploads.leave()
    const next = reason === 'expired' ? parsePagePath(router.latestLocation.href) : undefined
    void toSignInPage(next)
  },
})

async function toSignInPage(next: string | undefined): Promise<void> {
  if (await straight.go(next)) return
  await router.navigate(toSignIn(next))
  forgetPerson()
}

/** What the sign-in page itself shows is of nobody. */
function forgetPerson(): void {
  queries.removeQueries({ predicate: ({ queryKey: [first] }) => first !== KEYS.signInIssuers && first !== KEYS.signUp })
  queries.getMutationCache().clear()
  forgetOpenFolders()
}

const straight = createStraight(api, queries)
const refreshListings = createListingRefresher(queries)
const uploads = createUploads({
  api,
  userId: () => queries.getQueryData(meQuery(api).queryKey)?.id,
  isAway: () => connection.isLost() || !navigator.onLine,
  onUploaded: refreshListings,
})
// The network is back: no upload waits any longer.
window.addEventListener('online', () => uploads.wake())

const parts = {
  api,
  queries,
  uploads,
  toasts: createToasts(),
  connection,
  interruption,
  guestVisit: createGuestVisit(api, queries, forgetPerson),
  identityCheck,
  straight,
  refreshListings,
}
const hasPage = (): boolean => queries.getQueryData(meQuery(api).queryKey) !== undefined

/** What had to wait until the person proved anew who they are is asked for again. */
async function goOn(): Promise<void> {
  await comeBack(app)
  identityCheck.end(true)
}

const tabs = createTabs({
  // Perhaps as somebody else: then the page begins anew rather than mix two people's.
  signedIn: () => void (hasPage() ? goOn().catch(() => undefined) : router.invalidate()),
  // What is chosen and typed here stays until the same person signs in again.
  signedOut: () => {
    if (hasPage()) interruption.begin()
  },
})
const app = { ...parts, tabs }
const router = createAppRouter(app)
// The sign-in may have been at an issuer, from which the browser came back to this page.
if (api.isSignedIn()) tabs.tell('signed-in')

setInterval(() => {
  if (uploads.isBusy()) api.me().catch(() => undefined)
}, KEEP_ALIVE_EVERY)

window.addEventListener('beforeunload', (event) => {
  if (uploads.isBusy()) event.preventDefault()
})

refuseStrayDrops()

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <ThemeProvider theme={theme}>
      <CssBaseline />
      <AppContext value={app}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AppContext>
    </ThemeProvider>
  </StrictMode>,
)
