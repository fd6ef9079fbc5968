import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { Me } from '@skycrate/contract/auth/schemas'
import type { CreatedToken } from '@skycrate/contract/tokens/schemas'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { NewTokenDialog } from '../tokens/new-token-dialog.tsx'
import { NewTokenShown } from '../tokens/new-token-shown.tsx'
import { type AccessToken, TokenList } from '../tokens/token-list.tsx'
import { Card } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { QueryState } from '../ui/query-state.tsx'

type Open =
  | { readonly what: 'new' }
  | { readonly what: 'shown'; readonly token: CreatedToken }
  | { readonly what: 'delete'; readonly token: AccessToken }

/** The person's own access tokens. */
export function TokensCard({ me }: { readonly me: Me }): ReactElement {
  const { api, queries, toasts } = useApp()
  const query = useQuery({
    queryKey: [KEYS.tokens],
    queryFn: ({ signal }) => api.request('listTokens', {}, { signal }),
  })
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: [KEYS.tokens] })
  const remove = async (token: AccessToken): Promise<void> => {
    await api.request('deleteToken', { params: { id: token.id } })
    toasts.show(`${token.name} was deleted`)
    await changed()
  }
  return (
    <Card
      title="Access tokens"
      action={
        <Button size="small" onClick={() => setOpen({ what: 'new' })}>
          New token
        </Button>
      }
    >
      <QueryState query={query}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <Typography color="textSecondary">
              For scripts and tools: a token does only what you choose, and ends by itself.
            </Typography>
          ) : (
            <TokenList tokens={tokens} onDelete={(token) => setOpen({ what: 'delete', token })} />
          )
        }
      </QueryState>
      {open?.what === 'new' && (
        <NewTokenDialog
          me={me}
          onClose={close}
          onCreated={(token) => {
            setOpen({ what: 'shown', token })
            void changed()
          }}
        />
      )}
      {open?.what === 'shown' && <NewTokenShown token={open.token} onClose={close} />}
      {open?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete ${open.token.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={() => remove(open.token)}
          onClose={close}
        >
          What uses this token stops working at once.
        </ConfirmDialog>
      )}
    </Card>
  )
}
