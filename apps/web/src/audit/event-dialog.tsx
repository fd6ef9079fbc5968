import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import type { AuditEvent } from '@skycrate/contract/audit/schemas'
import { Fragment, type ReactElement, useId } from 'react'
import { formatExactTime } from '../format/format-time.ts'
import { actionName } from './audit-actions.ts'
import { OutcomeChip } from './outcome-chip.tsx'

interface EventDialogProps {
  readonly event: AuditEvent
  readonly onClose: () => void
}

/** Everything that is known of one event. */
export function EventDialog({ event, onClose }: EventDialogProps): ReactElement {
  const titleId = useId()
  const facts: readonly (readonly [name: string, value: string | null])[] = [
    ['Time', formatExactTime(event.at)],
    ['Action', event.action],
    ['Reason', event.reason],
    ['Bucket', event.bucket],
    ['Key', event.key],
    ['E-mail', event.userEmail],
    ['User', event.userId],
    ['Address', event.ip],
    ['Program', event.userAgent],
    ['Request', event.requestId],
    ['Event', event.id],
  ]
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId} sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
        {actionName(event.action)} <OutcomeChip outcome={event.outcome} />
      </DialogTitle>
      <DialogContent>
        <Box
          component="dl"
          sx={{ display: 'grid', gridTemplateColumns: '88px minmax(0, 1fr)', gap: 1, m: 0, typography: 'body2' }}
        >
          {facts.map(
            ([name, value]) =>
              value !== null && (
                <Fragment key={name}>
                  <Box component="dt" sx={{ color: 'text.secondary' }}>
                    {name}
                  </Box>
                  <Box component="dd" sx={{ m: 0, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
                    {value}
                  </Box>
                </Fragment>
              ),
          )}
        </Box>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={onClose} autoFocus>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  )
}
