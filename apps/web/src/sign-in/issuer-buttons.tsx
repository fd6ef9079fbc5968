import Button from '@mui/material/Button'
import Divider from '@mui/material/Divider'
import Stack from '@mui/material/Stack'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { signInIssuersQuery } from '../data/queries.ts'
import { PATHS } from '../paths.ts'
import { issuerStart } from './issuer-start.ts'

interface IssuerButtonsProps {
  /** The page to come back to. Absent: this page stays as it is, and the issuer is asked in a window of its own. */
  readonly returnTo?: string
}

/** One for each issuer by which people sign in; nothing where there is none. */
export function IssuerButtons({ returnTo }: IssuerButtonsProps): ReactElement | null {
  const { api } = useApp()
  const { data } = useQuery(signInIssuersQuery(api))
  if (!data || data.issuers.length === 0) return null
  return (
    <Stack spacing={1.5} sx={{ mb: 2.5 }}>
      {data.issuers.map(({ id, name }) => (
        <Button
          key={id}
          variant="outlined"
          size="large"
          color="inherit"
          href={issuerStart(id, returnTo ?? PATHS.signedIn)}
          {...(returnTo === undefined && { target: '_blank', rel: 'opener' })}
        >
          Sign in with {name}
        </Button>
      ))}
      <Divider sx={{ pt: 0.5, typography: 'body2', color: 'text.secondary' }}>or</Divider>
    </Stack>
  )
}
