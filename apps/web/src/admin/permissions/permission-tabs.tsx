import Tab from '@mui/material/Tab'
import Tabs from '@mui/material/Tabs'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { toPermissions, toWhoCan } from '../../paths.ts'

/** The two sides of access: permissions as they are written, and what they come to at a place. */
export function PermissionTabs({ value }: { readonly value: 'permissions' | 'who-can' }): ReactElement {
  return (
    <Tabs value={value} aria-label="Views of access" sx={{ mb: 2, flexShrink: 0 }}>
      <Tab value="permissions" label="Permissions" component={Link} {...toPermissions()} />
      <Tab value="who-can" label="Who can do what here" component={Link} {...toWhoCan()} />
    </Tabs>
  )
}
