import MuiLink from '@mui/material/Link'
import type { AuditEvent } from '@skycrate/contract/audit/schemas'
import { formatTimeToTheSecond } from '../format/format-time.ts'
import type { Column } from '../ui/column.ts'
import { PersonName } from '../ui/person-name.tsx'
import { TwoLines } from '../ui/two-lines.tsx'
import { actionName } from './audit-actions.ts'
import { OutcomeChip } from './outcome-chip.tsx'

/**
 * @param showUser whether it is told who it was: not where all of them are the reader's own
 * @param onOpen shows everything that is known of an event
 */
export function eventColumns(showUser: boolean, onOpen: (event: AuditEvent) => void): readonly Column<AuditEvent>[] {
  return [
    {
      id: 'time',
      header: 'Time',
      width: '190px',
      card: 'bare',
      cell: ({ at }) => <time dateTime={at}>{formatTimeToTheSecond(at)}</time>,
    },
    {
      id: 'what',
      header: 'What',
      width: '180px',
      card: 'title',
      cell: (event) => (
        <MuiLink
          component="button"
          type="button"
          color="inherit"
          underline="hover"
          variant="body2"
          onClick={() => onOpen(event)}
          sx={{ fontWeight: 600, textAlign: 'left' }}
        >
          {actionName(event.action)}
        </MuiLink>
      ),
    },
    {
      id: 'where',
      header: 'Where and why',
      card: 'bare',
      cell: ({ bucket, key, reason, targetUserId, targetEmail, targetName, count }) => {
        // The key tells more than the bucket, which may be the same in every row.
        const target = targetUserId === null ? null : (targetName ?? targetEmail ?? targetUserId)
        const repeats = count > 1 ? `${count.toLocaleString()} times` : null
        const told = [key, bucket, target, reason, repeats].filter((each) => each !== null && each !== '')
        return told.length > 0 && <TwoLines first={told[0] ?? ''} second={told.slice(1).join(' · ')} />
      },
    },
    ...(showUser
      ? [
          {
            id: 'user',
            header: 'User and address',
            width: '210px',
            card: 'bare',
            cell: ({ userId, userName, userEmail, userEmailVerified, ip, door }) => {
              const person = { id: userId ?? '', name: userName, email: userEmail }
              const nobody = door === 'process' ? 'SkyCrate' : 'Nobody signed in'
              const isClaimed = userEmail !== null && !userEmailVerified
              return (
                <TwoLines
                  first={userId === null ? nobody : <PersonName person={person} />}
                  second={[isClaimed && 'e-mail not verified', ip].filter(Boolean).join(' · ')}
                />
              )
            },
          } satisfies Column<AuditEvent>,
        ]
      : []),
    {
      id: 'outcome',
      header: 'Outcome',
      width: '96px',
      card: 'corner',
      cell: ({ outcome }) => <OutcomeChip outcome={outcome} />,
    },
  ]
}
