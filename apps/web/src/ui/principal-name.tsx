import GroupOutlined from '@mui/icons-material/GroupOutlined'
import PersonOutlined from '@mui/icons-material/PersonOutlined'
import PublicOutlined from '@mui/icons-material/PublicOutlined'
import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'
import { PersonName } from './person-name.tsx'
import { type Person } from './name-of.ts'

export type NamedPrincipal =
  | { readonly kind: 'user'; readonly person: Person }
  | { readonly kind: 'group'; readonly group: string; readonly issuer?: string | null | undefined }
  | { readonly kind: 'everyone' }
  | { readonly kind: 'guest' }

const ICONS = { user: PersonOutlined, group: GroupOutlined, everyone: PublicOutlined, guest: PublicOutlined } as const

/** Who a permission is for. */
export function PrincipalName({ principal }: { readonly principal: NamedPrincipal }): ReactElement {
  const Icon = ICONS[principal.kind]
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, minWidth: 0 }}>
      <Icon fontSize="small" color="action" />
      <Box sx={{ minWidth: 0 }}>
        <PrincipalText principal={principal} />
      </Box>
    </Box>
  )
}

function PrincipalText({ principal }: { readonly principal: NamedPrincipal }): ReactElement {
  switch (principal.kind) {
    case 'user':
      return <PersonName person={principal.person} />
    case 'group':
      return (
        <>
          <Typography variant="body2" noWrap title={principal.group}>
            {principal.group}
          </Typography>
          {principal.issuer && (
            <Typography variant="caption" color="textSecondary" component="div" noWrap title={principal.issuer}>
              from {principal.issuer}
            </Typography>
          )}
        </>
      )
    case 'everyone':
      return <>Everyone signed in</>
    case 'guest':
      return <>Guests</>
    default:
      return principal satisfies never
  }
}
