import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import Typography from '@mui/material/Typography'
import type { User } from '@skycrate/contract/users/schemas'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { type AccessToken, TokenList } from '../../tokens/token-list.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { QueryState } from '../../ui/query-state.tsx'

interface UserTokensDialogProps {
  readonly user: User
  readonly onClose: () => void
}

/** Somebody's access tokens, for an administrator to delete. */
export function UserTokensDialog({ user, onClose }: UserTokensDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const titleId = useId()
  const queryKey = [KEYS.tokens, user.id]
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.request('listUserTokens', { params: { id: user.id } }, { signal }),
  })
  const [deleting, setDeleting] = useState<AccessToken>()
  const remove = async (token: AccessToken): Promise<void> => {
    await api.request('deleteUserToken', { params: { id: user.id, tokenId: token.id } })
    toasts.show(`${token.name} was deleted`)
    await queries.invalidateQueries({ queryKey })
  }
  return (
    <>
      <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
        <DialogTitle id={titleId}>Access tokens of {nameOf(user)}</DialogTitle>
        <DialogContent>
          <QueryState query={query}>
            {({ tokens }) =>
              tokens.length === 0 ? (
                <Typography color="textSecondary">There are none.</Typography>
              ) : (
                <TokenList tokens={tokens} onDelete={setDeleting} />
              )
            }
          </QueryState>
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          <Button onClick={onClose} autoFocus>
            Close
          </Button>
        </DialogActions>
      </Dialog>
      {deleting && (
        <ConfirmDialog
          title={`Delete ${deleting.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={() => remove(deleting)}
          onClose={() => setDeleting(undefined)}
        >
          What uses this token of {nameOf(user)} stops working at once.
        </ConfirmDialog>
      )}
    </>
  )
}
