import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { AuditEvent } from '@skycrate/contract/audit/schemas'
import type { ReactElement } from 'react'
import { actionName } from '../audit/audit-actions.ts'
import { OutcomeChip } from '../audit/outcome-chip.tsx'
import { formatTime } from '../format/format-time.ts'
import { PersonName } from '../ui/person-name.tsx'

interface EventLinesProps {
  readonly events: readonly AuditEvent[]
  readonly showUser: boolean
  readonly empty: string
}

/** A few events, each in two lines. */
export function EventLines({ events, showUser, empty }: EventLinesProps): ReactElement {
  if (events.length === 0) return <Typography color="textSecondary">{empty}</Typography>
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', display: 'flex', flexDirection: 'column', gap: 1.25 }}>
      {events.map(({ id, at, action, key, bucket, outcome, userId, userName, userEmail }) => (
        <Box component="li" key={id} sx={{ display: 'flex', gap: 2, alignItems: 'center', minWidth: 0 }}>
          <Box sx={{ flex: 1, minWidth: 0 }}>
            <Typography variant="body2" noWrap title={key ?? bucket ?? ''}>
              <strong>{actionName(action)}</strong> {key || bucket}
            </Typography>
            <Box sx={{ display: 'flex', gap: 0.75, typography: 'caption', color: 'text.secondary', minWidth: 0 }}>
              {showUser && userId !== null && (
                <>
                  <PersonName person={{ id: userId, name: userName, email: userEmail }} />
                  <span aria-hidden>·</span>
                </>
              )}
              <Box component="time" dateTime={at} sx={{ flexShrink: 0 }}>
                {formatTime(at)}
              </Box>
            </Box>
          </Box>
          <OutcomeChip outcome={outcome} />
        </Box>
      ))}
    </Box>
  )
}
