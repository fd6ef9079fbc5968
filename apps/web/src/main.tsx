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
import { theme } from './app/theme.ts'
import { createListingRefresher } from './data/listing-refresher.ts'
import { createQueryClient } from './data/query-client.ts'
import { safeNext, toSignIn } from './paths.ts'
import { createToasts } from './ui/toasts.ts'
import { createUploads } from './uploads/uploads.ts'

const SESSION = 'skycrate.session'

const api = createClient({
  baseUrl: '',
  tokens: browserTokenStore(localStorage, SESSION),
  onSignedOut: (reason) => {
    uploads.cancelAll()
    const next = reason === 'expired' ? safeNext(router.state.location.href) : undefined
    void router.navigate(toSignIn(next)).then(() => queries.clear())
  },
})

const queries = createQueryClient()

const refreshListings = createListingRefresher(queries)
const uploads = createUploads(api, refreshListings)

const app = { api, queries, uploads, toasts: createToasts(), refreshListings }
const router = createAppRouter(app)

// Signed out, or in as somebody else, in another tab: begin anew rather than mix two people's pages.
window.addEventListener('storage', (event) => {
  if (event.key === SESSION && (event.oldValue === null || event.newValue === null)) window.location.reload()
})

window.addEventListener('beforeunload', (event) => {
  if (uploads.items().some(({ state }) => state === 'waiting' || state === 'sending')) event.preventDefault()
})

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
