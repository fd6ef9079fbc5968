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

const emailText = (email: string | null, isVerified: boolean, issuer: string | null): string | null =>
  email === null || isVerified ? email : `${email} (not verified${issuer === null ? '' : `, given by ${issuer}`})`

/** The names of the detail's fields in words; others are shown under their own. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  permissionId: 'Permission',
  principal: 'Given to',
  prefix: 'Prefix',
  actions: 'Actions',
  expiresAt: 'Until',
  before: 'Before',
  changed: 'Changed',
  sessionId: 'Session',
  issuer: 'Issuer',
  limit: 'Limit',
  contentType: 'Type',
  contentLength: 'Size',
  checksumSha256: 'SHA-256',
}

/** Fields that the event tells by itself. */
const TOLD: ReadonlySet<string> = new Set(['store', 'bucket'])

function detailFacts(detail: AuditEvent['detail']): [name: string, value: string | null][] {
  return Object.entries(detail ?? {})
    .filter(([name]) => !TOLD.has(name))
    .map(([name, value]) => [FIELD_NAMES[name] ?? name, valueText(name, value)])
}

function valueText(name: string, value: unknown): string | null {
  if (value === null) return name === 'expiresAt' ? 'no end' : null
  if (name === 'prefix' && value === '') return 'The whole bucket'
  if (name === 'expiresAt' && typeof value === 'string') return formatExactTime(value)
  if (Array.isArray(value))
    return value.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(', ')
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([field, each]) => `${field}: ${typeof each === 'string' ? each : JSON.stringify(each)}`)
      .join('\n')
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

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
    ['Requests', event.count > 1 ? event.count.toLocaleString() : null],
    ['Store', event.store === 'default' ? null : event.store],
    ['Bucket', event.bucket],
    ['Key', event.key],
    ...detailFacts(event.detail),
    ['Name', event.userName],
    ['E-mail', emailText(event.userEmail, event.userEmailVerified, event.userIssuer)],
    ['User id', event.userId],
    ['To', event.targetName],
    ['To, e-mail', emailText(event.targetEmail, event.targetEmailVerified, event.targetIssuer)],
    ['To, id', event.targetUserId],
    ['Interface', event.door],
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
              value !== null &&
              value !== '' && (
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
