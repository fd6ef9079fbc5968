import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import Typography from '@mui/material/Typography'
import type { AccessTokens } from '@skycrate/contract/tokens/schemas'
import type { ReactElement } from 'react'
import { formatTime } from '../format/format-time.ts'

export type AccessToken = AccessTokens['tokens'][number]

interface TokenListProps {
  readonly tokens: readonly AccessToken[]
  readonly onDelete: (token: AccessToken) => void
}

export function TokenList({ tokens, onDelete }: TokenListProps): ReactElement {
  return (
    <Box component="ul" aria-label="Access tokens" sx={{ m: 0, p: 0, listStyle: 'none' }}>
      {tokens.map((token) => (
        <Box
          component="li"
          key={token.id}
          sx={{
            display: 'flex',
            flexWrap: 'wrap',
            alignItems: 'center',
            gap: 1,
            py: 1,
            minWidth: 0,
            typography: 'body2',
          }}
        >
          <Box sx={{ flex: '1 1 240px', minWidth: 0, overflowWrap: 'anywhere' }}>
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
              {token.name}
              {token.admin && <Chip size="small" label="Administration" />}
              {Date.parse(token.expiresAt) <= Date.now() && <Chip size="small" label="Expired" />}
            </Box>
            {token.scopes.map((scope) => (
              <Typography key={JSON.stringify(scope)} variant="caption" color="textSecondary" component="div">
                {scope.bucket === null ? 'Everywhere' : `${scope.bucket}/${scope.prefix}`}: {scope.actions.join(', ')}
              </Typography>
            ))}
            <Typography variant="caption" color="textSecondary" component="div">
              Until {formatTime(token.expiresAt)} ·{' '}
              {token.lastUsedAt === null ? 'never used' : `last used ${formatTime(token.lastUsedAt)}`}
            </Typography>
          </Box>
          <Button size="small" color="error" aria-label={`Delete ${token.name}`} onClick={() => onDelete(token)}>
            Delete
          </Button>
        </Box>
      ))}
    </Box>
  )
}
