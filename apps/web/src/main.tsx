import { browserTokenStore } from '@skycrate/client/browser-token-store'
import { createClient } from '@skycrate/client/client'
import CssBaseline from '@mui/material/CssBaseline'
import { ThemeProvider } from '@mui/material/styles'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { AppContext } from './app/app-context.ts'
import { createAppRouter } from './app/router.tsx'
import { safeNext } from './app/safe-next.ts'
import { theme } from './app/theme.ts'
import { createConnection } from './data/connection.ts'
import { createInterruption } from './data/interruption.ts'
import { createListingRefresher } from './data/listing-refresher.ts'
import { meQuery } from './data/queries.ts'
import { createQueryClient } from './data/query-client.ts'
import { toSignIn } from './paths.ts'
import { refuseStrayDrops } from './shell/refuse-stray-drops.ts'
import { createToasts } from './ui/toasts.ts'
import { createUploads } from './uploads/uploads.ts'

const SESSION = 'skycrate.session'

const queries = createQueryClient()
const interruption = createInterruption()

const connection = createConnection(() => {
  void queries.invalidateQueries()
  uploads.retryBroken()
})

const api = createClient({
  baseUrl: '',
  fetch: connection.fetch,
  tokens: browserTokenStore(localStorage, sessionStorage, SESSION),
  onSignedOut: (reason) => {
    // Where a page stands already, it stays; at the first load there is nothing to keep.
    if (reason === 'expired' && queries.getQueryData(meQuery(api).queryKey)) return interruption.begin()
    uploads.cancelAll()
    const next = reason === 'expired' ? safeNext(router.latestLocation.href) : undefined
    void router.navigate(toSignIn(next)).then(() => queries.clear())
  },
})

const refreshListings = createListingRefresher(queries)
const uploads = createUploads(api, refreshListings)

const app = { api, queries, uploads, toasts: createToasts(), connection, interruption, refreshListings }
const router = createAppRouter(app)

window.addEventListener('storage', (event) => {
  if (event.key !== SESSION) return
  // Signed out in another tab: what is chosen and typed here stays until the same person signs in again.
  if (event.newValue === null) interruption.begin()
  // Signed in in another tab, perhaps as somebody else: begin anew rather than mix two people's pages.
  else if (event.oldValue === null && !interruption.isOn()) window.location.reload()
})

window.addEventListener('beforeunload', (event) => {
  const open = new Set(['waiting', 'sending', 'exists'])
  if (uploads.items().some(({ state }) => open.has(state))) event.preventDefault()
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
