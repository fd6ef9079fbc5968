import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import { API_BASE } from '@skycrate/contract/paths'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useId } from 'react'
import { useApp } from '../app/app-context.ts'
import { meQuery, signInIssuersQuery } from '../data/queries.ts'
import { KEYS } from '../data/query-keys.ts'
import { PATHS } from '../paths.ts'
import { QueryState } from '../ui/query-state.tsx'
import { ChallengeForm } from './challenge-form.tsx'

/** Asks the person to prove anew who they are, before what they wanted to do is done. */
export function IdentityCheckDialog(): ReactElement {
  const { api, identityCheck, queries } = useApp()
  const titleId = useId()
  const challenge = useQuery({
    queryKey: [KEYS.factors, 'fresh-challenge'],
    queryFn: () => api.request('freshChallenge', {}),
    // Each works once.
    gcTime: 0,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  })
  const { data: me } = useQuery(meQuery(api))
  const { data: issuers } = useQuery(signInIssuersQuery(api))
  const issuer = issuers?.issuers.find((each) => each.issuer === me?.issuer)
  const cancel = (): void => identityCheck.end(false)
  return (
    <Dialog
      open
      onClose={(_event, reason) => reason !== 'backdropClick' && cancel()}
      aria-labelledby={titleId}
      fullWidth
      maxWidth="xs"
    >
      <DialogTitle id={titleId}>Confirm that it is you</DialogTitle>
      <DialogContent>
        <QueryState query={challenge}>
          {(asked) =>
            asked.challenge === 'sign-in' ? (
              <>
                <DialogContentText sx={{ mb: 2 }}>
                  This needs a sign-in of the last ten minutes. {issuer ? '' : 'Sign out, sign in again and repeat it.'}
                </DialogContentText>
                {issuer && (
                  <Button
                    variant="contained"
                    fullWidth
                    // This page goes on once that window says that somebody has signed in.
                    href={`${API_BASE}/auth/issuers/${issuer.id}/start?fresh=true&returnTo=${encodeURIComponent(PATHS.signedIn)}`}
                    target="_blank"
                    rel="opener"
                  >
                    Sign in again with {issuer.name}
                  </Button>
                )}
              </>
            ) : (
              <ChallengeForm
                challenge={asked}
                submitLabel="Confirm"
                onAnswered={() => {
                  identityCheck.end(true)
                  void queries.invalidateQueries({ queryKey: [KEYS.me] })
                }}
              />
            )
          }
        </QueryState>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={cancel} color="inherit">
          Cancel
        </Button>
      </DialogActions>
    </Dialog>
  )
}
