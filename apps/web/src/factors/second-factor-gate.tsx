import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { Page } from '../ui/page.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { factorsQuery } from './factor-queries.ts'
import { SecurityCard } from './security-card.tsx'

/** In the place of every page, until a member of a group that requires a second factor has proven one. */
export function SecondFactorGate({ onPassed }: { readonly onPassed: () => void }): ReactElement {
  const { api, identityCheck } = useApp()
  const factors = useQuery(factorsQuery(api))
  // What stood when this page opened: setting one up goes on with the recovery codes.
  const [began] = useState(() => Date.now())
  return (
    <Page title="A second factor is required">
      <QueryState query={factors}>
        {({ totp, passkeys, available }) => {
          const had = [totp, ...passkeys].some((each) => each !== null && Date.parse(each.createdAt) < began - 60_000)
          if (!available.totp) {
            return (
              <Typography>
                One of your groups requires a second factor. Sign out, and sign in at your issuer with a second factor.
              </Typography>
            )
          }
          return (
            <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 820 }}>
              <Typography>
                {had
                  ? 'One of your groups requires a second factor. You signed in without yours.'
                  : 'One of your groups requires a second factor. Set up an authenticator app or a passkey to continue.'}
              </Typography>
              {had ? (
                <Button
                  variant="contained"
                  sx={{ alignSelf: 'flex-start' }}
                  onClick={() => void identityCheck.ask().then((proven) => proven && onPassed())}
                >
                  Use your second factor
                </Button>
              ) : (
                <>
                  <SecurityCard title="Your second factors" />
                  {(totp !== null || passkeys.length > 0) && (
                    <Button variant="contained" sx={{ alignSelf: 'flex-start' }} onClick={onPassed}>
                      Continue
                    </Button>
                  )}
                </>
              )}
            </Box>
          )
        }}
      </QueryState>
    </Page>
  )
}
