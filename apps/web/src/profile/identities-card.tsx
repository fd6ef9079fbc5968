import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import Typography from '@mui/material/Typography'
import type { Identities } from '@skycrate/contract/identities/schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { signInIssuersQuery } from '../data/queries.ts'
import { KEYS } from '../data/query-keys.ts'
import { formatTime } from '../format/format-time.ts'
import { Card } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { usePageSearch } from '../ui/use-page-search.ts'

type Identity = Identities['identities'][number]

/** As the server has it in `users/accounts-issuer.ts`. */
const ACCOUNTS_ISSUER = 'urn:skycrate:accounts'

/** How linking ended at the issuer: the address that the browser comes back to tells it. */
interface LinkSearch {
  readonly linked?: string
  readonly problem?: string
}

const linkIn = ({ linked, problem }: Record<string, unknown>): LinkSearch => ({
  ...(typeof linked === 'string' && { linked }),
  ...(typeof problem === 'string' && { problem }),
})

const MESSAGES: Readonly<Record<string, string>> = {
  'identity-taken':
    'Nothing was linked: another user has this identity. Sign in with it to use that user, or ask an administrator to delete the user.',
  'sign-in-expired': 'Nothing was linked: this took too long, or your session has changed. Try again.',
  'sign-in-refused': 'Nothing was linked: the sign-in was refused. Try again, or ask an administrator.',
  'issuer-unavailable': 'Nothing was linked: the sign-in service cannot be reached. Try again in a moment.',
  conflict: 'Nothing was linked: you have as many identities as a user can have. Unlink one first.',
}

const nameOf = ({ issuer, name }: Identity): string =>
  issuer === ACCOUNTS_ISSUER ? 'E-mail and password' : (name ?? issuer)

/** By what the person signs in, and a way to add or take away one. Nothing where there is no issuer and never was. */
export function IdentitiesCard(): ReactElement | null {
  const { api, queries, toasts } = useApp()
  const [{ linked, problem }, setSearch] = usePageSearch(linkIn)
  const query = useQuery({
    queryKey: [KEYS.identities],
    queryFn: ({ signal }) => api.request('listIdentities', {}, { signal }),
  })
  const issuers = useQuery(signInIssuersQuery(api))
  const [unlinking, setUnlinking] = useState<Identity>()
  const link = useMutation({
    mutationFn: (issuerId: string) => api.request('startLink', { body: { issuerId } }),
    onSuccess: ({ url }) => window.location.assign(url),
  })
  const unlink = async ({ issuer, subject }: Identity): Promise<void> => {
    await api.request('unlinkIdentity', { query: { issuer, subject } })
    toasts.show('The identity was unlinked')
    await queries.invalidateQueries({ queryKey: [KEYS.identities] })
  }
  const offered = issuers.data?.issuers ?? []
  const held = query.data?.identities ?? []
  if (offered.length === 0 && held.every(({ issuer }) => issuer === ACCOUNTS_ISSUER)) return null
  return (
    <Card title="Ways to sign in">
      {problem !== undefined && (
        <Alert severity="error" variant="outlined" sx={{ mb: 1.5 }} onClose={() => setSearch({})}>
          {(Object.hasOwn(MESSAGES, problem) ? MESSAGES[problem] : undefined) ?? 'Nothing was linked. Try again.'}
        </Alert>
      )}
      {linked !== undefined && (
        <Alert severity="success" variant="outlined" sx={{ mb: 1.5 }} onClose={() => setSearch({})}>
          You can now sign in with {offered.find(({ id }) => id === linked)?.name ?? 'this identity'}.
        </Alert>
      )}
      {link.isError && (
        <Box sx={{ mb: 1.5 }}>
          <ProblemAlert error={link.error} />
        </Box>
      )}
      <QueryState query={query}>
        {({ identities }) => (
          <Box component="ul" aria-label="Ways to sign in" sx={{ m: 0, p: 0, listStyle: 'none' }}>
            {identities.map((identity) => (
              <IdentityLine
                key={`${identity.issuer} ${identity.subject}`}
                identity={identity}
                onUnlink={() => setUnlinking(identity)}
              />
            ))}
          </Box>
        )}
      </QueryState>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 1 }}>
        {offered.map(({ id, name }) => (
          <Button
            key={id}
            size="small"
            variant="outlined"
            color="inherit"
            loading={link.isPending && link.variables === id}
            onClick={() => link.mutate(id)}
          >
            Link {name}
          </Button>
        ))}
      </Box>
      {unlinking !== undefined && (
        <ConfirmDialog
          title={`Unlink ${nameOf(unlinking)}?`}
          confirmLabel="Unlink"
          destructive
          onConfirm={() => unlink(unlinking)}
          onClose={() => setUnlinking(undefined)}
        >
          You can no longer sign in with it, and its sessions end. Whoever signs in with it afterwards is a new user.
        </ConfirmDialog>
      )}
    </Card>
  )
}

interface IdentityLineProps {
  readonly identity: Identity
  readonly onUnlink: () => void
}

function IdentityLine({ identity, onUnlink }: IdentityLineProps): ReactElement {
  const { issuer, subject, createdAt, current } = identity
  const isAccount = issuer === ACCOUNTS_ISSUER
  return (
    <Box
      component="li"
      sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, py: 1, minWidth: 0, typography: 'body2' }}
    >
      <Box sx={{ flex: '1 1 240px', minWidth: 0, overflowWrap: 'anywhere' }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
          {nameOf(identity)}
          {current && <Chip size="small" label="In use" />}
        </Box>
        <Typography variant="caption" color="textSecondary" component="div">
          {isAccount ? '' : `${subject} at ${issuer} · `}since {formatTime(createdAt)}
        </Typography>
      </Box>
      {!isAccount && !current && (
        <Button size="small" color="error" onClick={onUnlink} aria-label={`Unlink ${nameOf(identity)}`}>
          Unlink
        </Button>
      )}
    </Box>
  )
}
