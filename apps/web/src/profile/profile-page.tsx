import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { Me } from '@skycrate/contract/auth/schemas'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { meQuery } from '../data/queries.ts'
import { KEYS } from '../data/query-keys.ts'
import { SecurityCard } from '../factors/security-card.tsx'
import { formatTime } from '../format/format-time.ts'
import { toLocation } from '../paths.ts'
import { ChangePasswordDialog } from '../shell/change-password-dialog.tsx'
import { StorageCard } from '../quotas/storage-card.tsx'
import { Card } from '../ui/card.tsx'
import { CopyText } from '../ui/copy-text.tsx'
import { Fact } from '../ui/fact.tsx'
import { Facts } from '../ui/facts.tsx'
import { Page } from '../ui/page.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { RouterLink } from '../ui/router-link.tsx'
import { DeleteAccountDialog } from './delete-account-dialog.tsx'
import { IdentitiesCard } from './identities-card.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { SessionsCard } from './sessions-card.tsx'
import { TokensCard } from './tokens-card.tsx'

export function ProfilePage(): ReactElement {
  const { api } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
  const [dialog, setDialog] = useState<'name' | 'password' | 'delete'>()
  const close = (): void => setDialog(undefined)
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
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
              <Button size="small" onClick={() => setDialog('name')}>
                Change name
              </Button>
              <Button size="small" onClick={() => setDialog('password')}>
                Change password
              </Button>
              <Button size="small" color="error" onClick={() => setDialog('delete')}>
                Delete account
              </Button>
            </Box>
          }
        >
          <Facts>
            <Fact name="Name">{me.name ?? '–'}</Fact>
            <Fact name="E-mail">{me.email ?? '–'}</Fact>
            <Fact name="Role">{me.isAdmin ? 'Administrator' : 'User'}</Fact>
            <Fact name="Groups">{me.memberOf.length === 0 ? 'None' : <GroupList groups={me.memberOf} />}</Fact>
            <Fact name="Member since">{formatTime(me.createdAt)}</Fact>
            <Fact name="User id">
              <CopyText text={me.id} what="your user id" />
            </Fact>
          </Facts>
        </Card>
        <SecurityCard />
        <IdentitiesCard />
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
        <StorageCard />
        <SessionsCard />
        <TokensCard me={me} />
      </Box>
      {dialog === 'delete' && <DeleteAccountDialog onClose={close} />}
      {dialog === 'name' && <RenameDialog me={me} onClose={close} />}
      {dialog === 'password' && <ChangePasswordDialog me={me} onClose={close} />}
    </Page>
  )
}

/** What a prefix with a variable means for its reader. */
const ownPrefix = (prefix: string, userId: string): string => prefix.replaceAll('${user.id}', userId)

/** The same name from another issuer is another group. */
function GroupList({ groups }: { readonly groups: Me['memberOf'] }): ReactElement {
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
      {groups.map(({ name, issuer }) => (
        <li key={`${issuer} ${name}`}>
          {name}
          {issuer !== null && (
            <Box component="span" sx={{ color: 'text.secondary' }}>
              {' '}
              from {issuer}
            </Box>
          )}
        </li>
      ))}
    </Box>
  )
}
