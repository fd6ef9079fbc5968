import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import MenuItem from '@mui/material/MenuItem'
import TextField from '@mui/material/TextField'
import Typography from '@mui/material/Typography'
import type { Explanation } from '@skycrate/contract/permissions/schemas'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import type { Action } from '../../files/actions-at.ts'
import { type Choice, SearchInput } from '../../ui/form/search-input.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { ACTION_NAMES, listOf } from './access-names.ts'
import { searchUsers } from './choices.ts'
import { placeOf } from './permission-columns.tsx'
import { ACTION_ORDER } from './permission-queries.ts'
import { principalOf } from './principal-id.ts'

interface ExplainBoxProps {
  readonly bucket: string
  /** Where the key begins. */
  readonly prefix: string
  readonly person: Choice | null
}

/** Why one person may or may not do one thing, as it is saved now. */
export function ExplainBox({ bucket, prefix, person: given }: ExplainBoxProps): ReactElement {
  const { api } = useApp()
  const [person, setPerson] = useState(given)
  const [key, setKey] = useState(prefix)
  const [action, setAction] = useState<Action>('read')
  const asking = useMutation({
    mutationFn: () => {
      const principal = principalOf(person?.id ?? '')
      return api.explain({ bucket, key, action, ...(principal?.kind === 'user' ? { userId: principal.userId } : {}) })
    },
  })
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr 120px' } }}>
        <SearchInput
          id="explain-person"
          label="User"
          size="small"
          multiple={false}
          value={person}
          onChange={setPerson}
          queryKey={KEYS.users}
          search={(text, signal) => searchUsers(api, text, signal)}
        />
        <TextField size="small" label="File or folder" value={key} onChange={(event) => setKey(event.target.value)} />
        <TextField
          select
          size="small"
          label="Action"
          value={action}
          onChange={(event) => setAction(event.target.value as Action)}
        >
          {ACTION_ORDER.map((each) => (
            <MenuItem key={each} value={each}>
              {ACTION_NAMES[each]}
            </MenuItem>
          ))}
        </TextField>
      </Box>
      <Box>
        <Button
          variant="outlined"
          loading={asking.isPending}
          disabled={person === null || bucket === ''}
          onClick={() => asking.mutate()}
        >
          Explain
        </Button>
      </Box>
      {asking.isError && <ProblemAlert error={asking.error} />}
      {asking.data && <Told explanation={asking.data} />}
    </Box>
  )
}

const WHY = {
  expired: 'has expired',
  'other-action': 'does not allow this action',
  'other-prefix': 'is for another folder',
} as const satisfies Record<Explanation['nearMisses'][number]['why'], string>

const REASONS = {
  'no-permission': 'None of their permissions allows this.',
  expired: 'The permission that allowed this has expired.',
  'bucket-missing': 'A permission allows this, but the bucket does not exist.',
} as const satisfies Record<NonNullable<Explanation['reason']>, string>

function Told({ explanation }: { readonly explanation: Explanation }): ReactElement {
  const { outcome, reason, permission, nearMisses } = explanation
  const matched = permission && (
    <>
      {permission.principalName} may {listOf(permission.actions)} in {placeOf(permission)}.
    </>
  )
  return (
    <Alert severity={outcome === 'allow' ? 'success' : 'warning'} variant="outlined" sx={{ overflowWrap: 'anywhere' }}>
      {outcome === 'allow' ? <>Allowed. {matched}</> : <>Refused. {reason && REASONS[reason]}</>}
      {nearMisses.length > 0 && (
        <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
          {nearMisses.map(({ why, permission: near }) => (
            <li key={near.id}>
              <Typography variant="body2">
                {near.principalName}, {placeOf(near)}: {WHY[why]}
              </Typography>
            </li>
          ))}
        </Box>
      )}
    </Alert>
  )
}
