import Alert from '@mui/material/Alert'
import AlertTitle from '@mui/material/AlertTitle'
import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { IssuerReport } from '@skycrate/contract/issuers/schemas'
import type { ReactElement } from 'react'

const SEVERITY = { good: 'success', bad: 'error', unused: 'info' } as const

/** What is wrong comes first. */
const ORDER = { bad: 0, good: 1, unused: 2 } as const

/** What a test of an issuer came to. */
export function IssuerReportView({ report }: { readonly report: IssuerReport }): ReactElement {
  const { discovery, keys, token } = report
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.5 }} aria-live="polite">
      <Alert severity={SEVERITY[discovery.outcome]}>
        <AlertTitle>Discovery</AlertTitle>
        <Box sx={{ overflowWrap: 'anywhere' }}>
          {discovery.url}
          <br />
          {discovery.detail}
        </Box>
      </Alert>
      <Alert severity={SEVERITY[keys.outcome]}>
        <AlertTitle>Keys</AlertTitle>
        <Box sx={{ overflowWrap: 'anywhere' }}>{keys.detail}</Box>
        {keys.keys.map((key, at) => (
          <Box key={`${key.kid ?? ''}-${at}`} sx={{ overflowWrap: 'anywhere' }}>
            {[key.kid ?? 'without a key ID', key.kty, key.alg, key.use].filter((part) => part !== null).join(' · ')}
          </Box>
        ))}
      </Alert>
      {token && (
        <Alert severity={token.outcome === 'accepted' ? 'success' : 'error'}>
          <AlertTitle>{token.outcome === 'accepted' ? 'The token is accepted' : 'The token is refused'}</AlertTitle>
          {token.reason !== null && <Box>Reason: {token.reason}</Box>}
          {token.person && (
            <Box sx={{ overflowWrap: 'anywhere' }}>
              {token.person.name ?? token.person.email ?? token.person.subject}
              {token.person.isAdmin ? ', an administrator' : ''}
            </Box>
          )}
        </Alert>
      )}
      {token && token.claims.length > 0 && (
        <Box component="dl" sx={{ m: 0, display: 'flex', flexDirection: 'column', gap: 1 }}>
          {token.claims
            .toSorted((one, other) => ORDER[one.verdict] - ORDER[other.verdict])
            .map(({ name, value, verdict, detail }, at) => (
              <Box key={`${name}-${at}`} sx={{ borderLeft: 3, pl: 1.5, borderColor: `${SEVERITY[verdict]}.main` }}>
                <Typography component="dt" variant="body2" sx={{ fontWeight: 600 }}>
                  {name}: {verdict === 'bad' ? 'wrong' : verdict === 'good' ? 'right' : 'not checked'}
                </Typography>
                <Typography
                  component="dd"
                  variant="body2"
                  sx={{ m: 0, overflowWrap: 'anywhere', fontFamily: 'monospace' }}
                >
                  {value}
                </Typography>
                <Typography component="dd" variant="body2" sx={{ m: 0, overflowWrap: 'anywhere' }}>
                  {detail}
                </Typography>
              </Box>
            ))}
        </Box>
      )}
    </Box>
  )
}
