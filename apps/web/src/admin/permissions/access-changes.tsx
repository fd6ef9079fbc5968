import AddCircleOutline from '@mui/icons-material/AddCircleOutlined'
import RemoveCircleOutline from '@mui/icons-material/RemoveCircleOutlined'
import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Skeleton from '@mui/material/Skeleton'
import Typography from '@mui/material/Typography'
import type { AccessChange, Preview } from '@skycrate/contract/permissions/schemas'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { formatTime } from '../../format/format-time.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { listOf } from './access-names.ts'
import { placeOf } from './permission-columns.tsx'
import { type Edit, previewQuery } from './permission-queries.ts'

/** People whose own change is shown at most; the number of the others is told. */
const MANY = 5

/** What an edit gives and takes, told before it is saved. */
export function AccessChanges({ edit }: { readonly edit: Edit }): ReactElement {
  const { api } = useApp()
  const { data, error, isPending } = useQuery(previewQuery(api, edit))
  return (
    <Box component="section" aria-label="What this changes" aria-live="polite">
      <Typography variant="subtitle2" component="h3" sx={{ mb: 0.5 }}>
        What this changes
      </Typography>
      {isPending ? (
        <Skeleton height={24} width="70%" />
      ) : error ? (
        <ProblemAlert error={error} />
      ) : (
        <Told preview={data} />
      )}
    </Box>
  )
}

function Told({ preview: { sameAs, changes } }: { readonly preview: Preview }): ReactElement {
  if (sameAs !== null) return <Alert severity="info">Another permission already gives the same access.</Alert>
  const isNothing = changes.every(
    ({ gains, losses, exceptions }) => gains.length + losses.length + exceptions.length === 0,
  )
  if (isNothing) {
    return (
      <Typography variant="body2" color="textSecondary">
        Nothing: other permissions already decide this.
      </Typography>
    )
  }
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      {changes.map((change) => (
        <Box key={JSON.stringify(change.principal)}>
          <Heading change={change} />
          <ChangeList gains={change.gains} losses={change.losses} />
          {change.exceptions.slice(0, MANY).map(({ userId, name, gains, losses }) => (
            <Box key={userId} sx={{ pl: 2, mt: 0.5 }}>
              <Typography variant="body2">For {name}, because of their other permissions:</Typography>
              <ChangeList gains={gains} losses={losses} />
            </Box>
          ))}
          {change.exceptions.length > MANY && (
            <Typography variant="caption" color="textSecondary">
              The change is different for {change.exceptions.length - MANY} more users.
            </Typography>
          )}
          {!change.allPeopleCompared && (
            <Typography variant="caption" color="textSecondary">
              Not all of the {change.people} users were compared. Their other permissions may change this result.
            </Typography>
          )}
        </Box>
      ))}
    </Box>
  )
}

function Heading({ change }: { readonly change: Preview['changes'][number] }): ReactElement {
  const { principal, principalName, people } = change
  const count = people === 1 ? '1 user' : `${people} users`
  const name = principal.kind === 'everyone' ? 'Everyone signed in' : principalName
  return (
    <Typography variant="body2" sx={{ fontWeight: 500 }}>
      {name}
      {(principal.kind === 'group' || principal.kind === 'everyone') && ` (${count})`}
    </Typography>
  )
}

function ChangeList({ gains, losses }: Pick<Preview['changes'][number], 'gains' | 'losses'>): ReactElement {
  if (gains.length + losses.length === 0) {
    return (
      <Typography variant="body2" color="textSecondary">
        Nothing changes.
      </Typography>
    )
  }
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {gains.map((change) => (
        <ChangeLine key={JSON.stringify(change)} change={change} isGain />
      ))}
      {losses.map((change) => (
        <ChangeLine key={JSON.stringify(change)} change={change} isGain={false} />
      ))}
    </Box>
  )
}

function ChangeLine({ change, isGain }: { readonly change: AccessChange; readonly isGain: boolean }): ReactElement {
  const { actions, except, from, until } = change
  const Icon = isGain ? AddCircleOutline : RemoveCircleOutline
  // What takes effect with saving is meant where no time is told.
  const isLater = Date.parse(from) > Date.now() + 60_000
  return (
    <Box component="li" sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', py: 0.25 }}>
      <Icon fontSize="small" color={isGain ? 'success' : 'error'} sx={{ mt: '2px' }} />
      <Typography variant="body2" sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>
        {isGain ? 'Gains' : 'Loses'} {listOf(actions)} in <strong>{placeOf(change)}</strong>
        {except.length > 0 && `, except ${except.join(', ')}`}
        {isLater && `, from ${formatTime(from)}`}
        {until !== null && `, until ${formatTime(until)}`}
      </Typography>
    </Box>
  )
}
