import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import Typography from '@mui/material/Typography'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { meQuery } from '../data/queries.ts'
import { KEYS } from '../data/query-keys.ts'
import { formatTime } from '../format/format-time.ts'
import { toLocation } from '../paths.ts'
import { ChangePasswordDialog } from '../shell/change-password-dialog.tsx'
import { Card } from '../ui/card.tsx'
import { CopyText } from '../ui/copy-text.tsx'
import { Page } from '../ui/page.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { RouterLink } from '../ui/router-link.tsx'

export function ProfilePage(): ReactElement {
  const { api } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
  const [changing, setChanging] = useState(false)
  const permissions = useQuery({
    queryKey: [KEYS.permissions, 'mine'],
    queryFn: ({ signal }) => api.myPermissions({ signal }),
  })
  return (
    <Page title="Profile">
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 820 }}>
        <Card
          title="You"
          action={
            <Button size="small" onClick={() => setChanging(true)}>
              Change password
            </Button>
          }
        >
          <Box
            component="dl"
            sx={{ m: 0, display: 'grid', gridTemplateColumns: '110px minmax(0, 1fr)', gap: 1, typography: 'body2' }}
          >
            <Fact name="Name">{me.name ?? '–'}</Fact>
            <Fact name="E-mail">{me.email ?? '–'}</Fact>
            <Fact name="Role">{me.isAdmin ? 'Administrator' : 'User'}</Fact>
            <Fact name="Groups">{me.groups.length === 0 ? 'None' : <GroupChips groups={me.groups} />}</Fact>
            <Fact name="Member since">{formatTime(me.createdAt)}</Fact>
            <Fact name="User id">
              <CopyText text={me.id} what="your user id" />
            </Fact>
          </Box>
        </Card>
        <Card title="Your permissions">
          <QueryState query={permissions}>
            {({ permissions: held }) =>
              held.length === 0 ? (
                <Typography color="textSecondary">You do not have any permissions yet.</Typography>
              ) : (
                <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
                  {held.map(({ id, bucket, prefix, actions, expiresAt }) => (
                    <Box
                      component="li"
                      key={id}
                      sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, py: 0.75, typography: 'body2', minWidth: 0 }}
                    >
                      <Box sx={{ flex: '1 1 240px', minWidth: 0, overflowWrap: 'anywhere' }}>
                        <RouterLink {...toLocation(bucket, ownPrefix(prefix, me.id))} underline="hover">
                          {ownPrefix(prefix, me.id) === '' ? bucket : `${bucket}/${ownPrefix(prefix, me.id)}`}
                        </RouterLink>
                        {expiresAt !== null && (
                          <Typography variant="caption" color="textSecondary" component="div">
                            Until {formatTime(expiresAt)}
                          </Typography>
                        )}
                      </Box>
                      <span>{actions.join(', ')}</span>
                    </Box>
                  ))}
                </Box>
              )
            }
          </QueryState>
        </Card>
      </Box>
      {changing && <ChangePasswordDialog me={me} onClose={() => setChanging(false)} />}
    </Page>
  )
}

/** What a prefix with a variable means for its reader. */
const ownPrefix = (prefix: string, userId: string): string => prefix.replaceAll('${user.id}', userId)

function GroupChips({ groups }: { readonly groups: readonly (string | { readonly name: string })[] }): ReactElement {
  const names = groups.map((group) => (typeof group === 'string' ? group : group.name))
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.5 }}>
      {names.map((name, index) => (
        <Chip key={`${index} ${name}`} size="small" label={name} />
      ))}
    </Box>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <Box component="dt" sx={{ color: 'text.secondary' }}>
        {name}
      </Box>
      <Box component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
        {children}
      </Box>
    </>
  )
}
