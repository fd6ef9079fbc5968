import LockOutlined from '@mui/icons-material/LockOutlined'
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactElement, ReactNode } from 'react'
import { useApp } from '../app/app-context.ts'
import { meQuery } from '../data/queries.ts'
import { toFiles } from '../paths.ts'
import { Empty } from '../ui/empty.tsx'
import { Page } from '../ui/page.tsx'
import { RouterLink } from '../ui/router-link.tsx'

/** Tells who followed a link to an administrator's page that it is one. The server decides; this asks it nothing. */
export function AdminOnly({ children }: { readonly children: ReactNode }): ReactElement {
  const { api } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
  if (me.isAdmin) return <>{children}</>
  return (
    <Page title="For administrators">
      <Empty
        icon={LockOutlined}
        title="This page is for administrators"
        action={<RouterLink {...toFiles()}>Go to your files</RouterLink>}
      >
        Your account is not an administrator account.
      </Empty>
    </Page>
  )
}
