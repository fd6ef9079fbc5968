import DnsOutlined from '@mui/icons-material/DnsOutlined'
import FolderOutlined from '@mui/icons-material/FolderOutlined'
import HistoryOutlined from '@mui/icons-material/HistoryOutlined'
import PolicyOutlined from '@mui/icons-material/PolicyOutlined'
import Box from '@mui/material/Box'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { meQuery } from '../app/queries.ts'
import { toActivity, toAudit, toBuckets, toFiles } from '../paths.ts'
import { UploadPanel } from '../uploads/upload-panel.tsx'
import { AccountMenu } from './account-menu.tsx'
import { Brand } from './brand.tsx'
import { NavLink } from './nav-link.tsx'

export function AppShell(): ReactElement {
  const { api } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
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
        <Box
          component="nav"
          aria-label="Pages"
          sx={{
            flex: { md: 1 },
            display: 'flex',
            flexDirection: { xs: 'row', md: 'column' },
            gap: 0.5,
            // Below, within reach of a thumb, where the window is narrow.
            position: { xs: 'fixed', md: 'static' },
            inset: { xs: 'auto 0 0 0', md: 'auto' },
            zIndex: 'appBar',
            justifyContent: { xs: 'space-around', md: 'flex-start' },
            bgcolor: 'background.paper',
            borderTop: { xs: 1, md: 0 },
            borderColor: { xs: 'divider', md: 'divider' },
            p: { xs: 0.5, md: 0 },
            pb: { xs: 'calc(4px + env(safe-area-inset-bottom))', md: 0 },
          }}
        >
          <NavLink {...toFiles()} icon={<FolderOutlined />} label="Your files" />
          <NavLink {...toBuckets()} icon={<DnsOutlined />} label="Buckets" />
          <NavLink {...toActivity()} icon={<HistoryOutlined />} label="Activity" />
          {me.isAdmin && <NavLink {...toAudit()} icon={<PolicyOutlined />} label="Audit log" />}
        </Box>
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
        <Outlet />
      </Box>
      <UploadPanel />
    </Box>
  )
}
