import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import Typography from '@mui/material/Typography'
import type { Sessions } from '@skycrate/contract/sessions/schemas'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import type { SkyCrateClient } from '@skycrate/client/client'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { formatTime } from '../format/format-time.ts'
import { programName } from '../format/program-name.ts'
import { Card } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { QueryState } from '../ui/query-state.tsx'

type Session = Sessions['sessions'][number]

const sessionsQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.sessions],
    queryFn: ({ signal }) => api.request('listSessions', {}, { signal }),
  })

/** Where the person is signed in, and a way to sign out there. */
export function SessionsCard(): ReactElement {
  const { api, queries, toasts } = useApp()
  const query = useQuery(sessionsQuery(api))
  const [ending, setEnding] = useState<Session | 'others'>()
  const others = query.data?.sessions.filter(({ current }) => !current) ?? []
  const end = async (): Promise<void> => {
    if (ending === 'others') await api.request('endOtherSessions', {})
    else if (ending) await api.request('endSession', { params: { id: ending.id } })
    toasts.show(ending === 'others' ? 'All other sessions have ended' : 'The session has ended')
    await queries.invalidateQueries({ queryKey: [KEYS.sessions] })
  }
  return (
    <Card
      title="Sessions"
      action={
        others.length > 1 && (
          <Button size="small" color="error" onClick={() => setEnding('others')}>
            End all others
          </Button>
        )
      }
    >
      <QueryState query={query}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Typography color="textSecondary">You have no session of SkyCrate.</Typography>
          ) : (
            <Box component="ul" aria-label="Sessions" sx={{ m: 0, p: 0, listStyle: 'none' }}>
              {sessions.map((session) => (
                <SessionLine key={session.id} session={session} onEnd={() => setEnding(session)} />
              ))}
            </Box>
          )
        }
      </QueryState>
      {ending !== undefined && (
        <ConfirmDialog
          title={ending === 'others' ? 'End all other sessions?' : 'End this session?'}
          confirmLabel={ending === 'others' ? 'End all others' : 'End session'}
          destructive
          onConfirm={end}
          onClose={() => setEnding(undefined)}
        >
          {ending === 'others'
            ? 'You stay signed in here. Everywhere else you have to sign in again.'
            : `${programName(ending.userAgent)} at ${ending.network} has to sign in again.`}
        </ConfirmDialog>
      )}
    </Card>
  )
}

function SessionLine({ session, onEnd }: { readonly session: Session; readonly onEnd: () => void }): ReactElement {
  const { userAgent, network, createdAt, lastUsedAt, current } = session
  const name = programName(userAgent)
  return (
    <Box
      component="li"
      sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, py: 1, minWidth: 0, typography: 'body2' }}
    >
      <Box sx={{ flex: '1 1 240px', minWidth: 0, overflowWrap: 'anywhere' }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
          {name}
          {current && <Chip size="small" label="This session" />}
        </Box>
        <Typography variant="caption" color="textSecondary" component="div">
          {network} · signed in {formatTime(createdAt)} · last used {formatTime(lastUsedAt)}
        </Typography>
      </Box>
      {!current && (
        <Button size="small" color="error" onClick={onEnd} aria-label={`End the session of ${name} at ${network}`}>
          End
        </Button>
      )}
    </Box>
  )
}
