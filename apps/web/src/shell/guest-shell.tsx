import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import { parsePagePath } from '@skycrate/contract/page-path'
import { createLink, Outlet, useRouterState } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { GuestContext } from '../app/guest-context.ts'
import { toLocations, toSignIn } from '../paths.ts'
import { RouterLink } from '../ui/router-link.tsx'
import { ToastBar } from '../ui/toast-bar.tsx'
import { Brand } from './brand.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { useKeptFocus } from './use-kept-focus.ts'

const ButtonLink = createLink(Button)

/** The frame around what guests see. */
export function GuestShell(): ReactElement {
  const here = useRouterState({ select: ({ location }) => location.href })
  useKeptFocus()
  return (
    <Box sx={{ height: '100dvh', display: 'flex', flexDirection: 'column' }}>
      <Box
        component="header"
        sx={{
          flexShrink: 0,
          display: 'flex',
          alignItems: 'center',
          justifyContent: 'space-between',
          gap: 2,
          px: { xs: 2, md: 4 },
          py: 1,
          borderBottom: 1,
          borderColor: 'divider',
          bgcolor: 'background.paper',
        }}
      >
        <RouterLink {...toLocations()} color="inherit" underline="none" aria-label="SkyCrate: all locations">
          <Brand />
        </RouterLink>
        <ButtonLink variant="outlined" size="small" {...toSignIn(parsePagePath(here))}>
          Sign in
        </ButtonLink>
      </Box>
      <Box sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column' }}>
        <ConnectionBanner />
        <GuestContext value={true}>
          <Outlet />
        </GuestContext>
      </Box>
      <ToastBar />
    </Box>
  )
}
