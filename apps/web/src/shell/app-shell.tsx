import Box from '@mui/material/Box'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { lazy, type ReactElement, Suspense, useState, useSyncExternalStore } from 'react'
import { useApp } from '../app/app-context.ts'
import { meQuery } from '../data/queries.ts'
import { JobTraySlot } from '../jobs/job-tray-slot.tsx'
import { ToastSlot } from '../ui/toast-slot.tsx'
import { TrayDock } from '../ui/tray-dock.tsx'
import { SearchSlot } from '../search/search-slot.tsx'
import { UploadSlot } from '../uploads/upload-slot.tsx'
import { ZipSlot } from '../zip/zip-slot.tsx'
import { AccountMenu } from './account-menu.tsx'
import { Brand } from './brand.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Navigation } from './navigation.tsx'
import { useKeptFocus } from './use-kept-focus.ts'
import { useSearchKey } from './use-search-key.ts'
import { usePreloadedPages } from './use-preloaded-pages.ts'

const SignInAgain = lazy(() =>
  import('../sign-in/sign-in-again.tsx').then((module) => ({ default: module.SignInAgain })),
)

const IdentityCheckDialog = lazy(() =>
  import('../factors/identity-check-dialog.tsx').then((module) => ({ default: module.IdentityCheckDialog })),
)
const SecondFactorGate = lazy(() =>
  import('../factors/second-factor-gate.tsx').then((module) => ({ default: module.SecondFactorGate })),
)

export function AppShell(): ReactElement {
  const { api, identityCheck, interruption, queries } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
  const interrupted = useSyncExternalStore(interruption.subscribe, interruption.isOn)
  const checking = useSyncExternalStore(identityCheck.subscribe, identityCheck.isOn)
  // It stays until the person goes on: setting a factor up ends with codes to keep.
  const [gated, setGated] = useState(me.needsSecondFactor)
  if (me.needsSecondFactor && !gated) setGated(true)
  const pass = (): void => {
    void queries.invalidateQueries().then(() => setGated(false))
  }
  useKeptFocus()
  useSearchKey()
  usePreloadedPages(me)
  return (
    <Box sx={{ height: '100dvh', display: 'flex', flexDirection: { xs: 'column', md: 'row' } }}>
      <Box
        component="header"
        sx={{
          flexShrink: 0,
          width: { md: 248 },
          display: 'flex',
          flexDirection: { xs: 'row', md: 'column' },
          alignItems: { xs: 'center', md: 'stretch' },
          justifyContent: 'space-between',
          gap: { md: 3 },
          px: { xs: 2, md: 2 },
          py: { xs: 1, md: 2.5 },
          borderRight: { md: 1 },
          borderBottom: { xs: 1, md: 0 },
          borderColor: { xs: 'divider', md: 'divider' },
          bgcolor: 'background.paper',
        }}
      >
        <Box sx={{ px: { md: 1 } }}>
          <Brand />
        </Box>
        {gated ? null : <SearchSlot />}
        {gated ? null : <Navigation me={me} />}
        <AccountMenu me={me} />
      </Box>
      <Box
        sx={{
          flex: 1,
          minWidth: 0,
          minHeight: 0,
          display: 'flex',
          flexDirection: 'column',
          // The bar below.
          pb: { xs: 'calc(60px + env(safe-area-inset-bottom))', md: 0 },
        }}
      >
        <ConnectionBanner />
        {gated ? (
          <Suspense fallback={null}>
            <SecondFactorGate onPassed={pass} />
          </Suspense>
        ) : (
          <Outlet />
        )}
      </Box>
      <TrayDock>
        <UploadSlot />
        <JobTraySlot me={me} />
        <ZipSlot />
      </TrayDock>
      <ToastSlot />
      {checking && (
        <Suspense fallback={null}>
          <IdentityCheckDialog />
        </Suspense>
      )}
      {interrupted && (
        <Suspense fallback={null}>
          <SignInAgain me={me} />
        </Suspense>
      )}
    </Box>
  )
}
