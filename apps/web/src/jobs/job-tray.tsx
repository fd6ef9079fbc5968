import CheckCircleOutlined from '@mui/icons-material/CheckCircleOutlined'
import Close from '@mui/icons-material/Close'
import ErrorOutlined from '@mui/icons-material/ErrorOutlineOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import IconButton from '@mui/material/IconButton'
import LinearProgress from '@mui/material/LinearProgress'
import Tooltip from '@mui/material/Tooltip'
import Typography from '@mui/material/Typography'
import type { Me } from '@skycrate/contract/auth/schemas'
import type { Job } from '@skycrate/contract/jobs/schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { counted } from '../format/counted.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { Tray } from '../ui/tray.tsx'
import { isUnderWay, objectJobsQuery } from './job-queries.ts'
import { deletionOf, rememberTransfer, transferOf } from './transfers.ts'
import { shownName } from '../format/shown-name.ts'

const VERBS: Readonly<Record<string, readonly [now: string, done: string]>> = {
  'objects.copy': ['Copying', 'Copied'],
  'objects.move': ['Moving', 'Moved'],
  'objects.delete': ['Deleting', 'Deleted'],
  'objects.restore': ['Restoring', 'Restored'],
  'objects.change-class': ['Changing the class of', 'Changed the class of'],
}

/** Copies, moves and deletions that are under way, wherever one goes; and those that ended since the page was opened. */
export function JobTray({ me }: { readonly me: Me }): ReactElement | null {
  const { api, queries } = useApp()
  const { data: jobs = [] } = useQuery(objectJobsQuery(api, me.id))
  /** Jobs that were seen under way. */
  const followed = useRef(new Set<string>())
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())

  const openedAt = useRef(Date.now())
  /** Jobs whose end was told; one that is quick is never seen under way. */
  const told = useRef(new Set<string>())
  useEffect(() => {
    for (const job of jobs) {
      if (isUnderWay(job)) followed.current.add(job.id)
      // What it did is seen in the folders once it has ended.
      else if (followed.current.delete(job.id) || (endedSince(job, openedAt.current) && !told.current.has(job.id))) {
        told.current.add(job.id)
        void queries.invalidateQueries({ queryKey: [KEYS.listing] })
        void queries.invalidateQueries({ queryKey: [KEYS.trash] })
        void queries.invalidateQueries({ queryKey: [KEYS.starred] })
      }
    }
  }, [jobs, queries])

  const shown = jobs.filter((job) => !closed.has(job.id) && (isUnderWay(job) || endedSince(job, openedAt.current)))
  if (shown.length === 0) return null
  const active = shown.filter(isUnderWay).length
  return (
    <Tray
      label="Operations"
      summary={active > 0 ? `${counted(active, 'operation')} under way` : `${counted(shown.length, 'operation')} ended`}
      actions={
        <Tooltip title="Close">
          <IconButton
            size="small"
            aria-label="Close operations"
            onClick={() => setClosed(new Set([...closed, ...shown.map(({ id }) => id)]))}
          >
            <Close fontSize="small" />
          </IconButton>
        </Tooltip>
      }
    >
      {shown.map((job) => (
        <JobLine key={job.id} job={job} onAgain={() => setClosed(new Set([...closed, job.id]))} />
      ))}
    </Tray>
  )
}

function JobLine({ job, onAgain }: { readonly job: Job; readonly onAgain: () => void }): ReactElement {
  const { api, queries } = useApp()
  const { about, state, progress, problem } = job
  const [now = 'Working on', past = 'Done with'] = VERBS[job.kind] ?? []
  const name =
    about === undefined ? 'files' : about.items === 1 ? lastName(about.names[0] ?? '') : counted(about.items, 'item')
  const asked = transferOf(job.id)
  const refresh = (): void => void queries.invalidateQueries({ queryKey: [KEYS.jobs] })
  const cancel = useMutation({ mutationFn: () => api.cancelJob(job.id), onSettled: refresh })
  const again = useMutation({
    mutationFn: async (onConflict: 'keep-both' | 'replace' | 'skip') => {
      if (!asked) return
      const body = { ...asked.body, onConflict }
      const next = await api.request(asked.kind, { body })
      rememberTransfer(next.id, asked.kind, body)
      onAgain()
    },
    onSettled: refresh,
  })
  const deletion = deletionOf(job.id)
  const undo = useMutation({
    mutationFn: async () => {
      const deletedSince = about?.deletedSince
      if (deletion)
        await api.request('restoreDeleted', { body: { ...deletion, ...(deletedSince && { deletedSince }) } })
      onAgain()
    },
    onSettled: refresh,
  })
  const underWay = isUnderWay(job)
  const { done, total } = progress
  const isTaken = state === 'failed' && problem?.code === 'precondition-failed' && asked !== undefined
  const notes = [
    about?.skipped !== undefined && `${about.skipped.toLocaleString()} skipped`,
    about?.missing !== undefined && `${about.missing.toLocaleString()} were gone`,
    about?.changed !== undefined && `${about.changed.toLocaleString()} changed meanwhile and stayed`,
    about?.failed !== undefined && `${about.failed.toLocaleString()} could not be copied`,
    about?.waiting !== undefined &&
      about.waiting > 0 &&
      `${about.waiting.toLocaleString()} come out of the archive, by mail you hear when`,
  ].filter((note) => note !== false)
  const error = cancel.error ?? again.error ?? undo.error
  return (
    <Box component="li" aria-label={`${underWay ? now : past} ${name}`} sx={{ pl: 2, pr: 1, py: 0.75 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Typography variant="body2" noWrap title={name}>
            {state === 'failed'
              ? `${now} ${name} failed`
              : state === 'cancelled'
                ? `${now} ${name} was cancelled`
                : `${underWay ? now : past} ${name}`}
          </Typography>
          <Typography variant="caption" color="textSecondary" component="div">
            {done.toLocaleString()}
            {total !== null && ` of ${total.toLocaleString()}`}
            {notes.length > 0 && ` · ${notes.join(', ')}`}
          </Typography>
          {problem !== undefined && state !== 'cancelled' && (
            <Typography
              variant="caption"
              color={state === 'failed' ? 'error' : 'textSecondary'}
              component="div"
              sx={{ overflowWrap: 'anywhere' }}
            >
              {underWay ? 'Trying again: ' : ''}
              {problem.detail ?? problem.title}
            </Typography>
          )}
        </Box>
        {state === 'done' && deletion !== undefined && (
          <Button size="small" color="inherit" loading={undo.isPending} onClick={() => undo.mutate()}>
            Undo
          </Button>
        )}
        {state === 'done' && (
          <CheckCircleOutlined color="success" fontSize="small" titleAccess="Done" sx={{ mr: 0.75 }} />
        )}
        {state === 'failed' && <ErrorOutlined color="error" fontSize="small" titleAccess="Failed" sx={{ mr: 0.75 }} />}
        {underWay && (
          <Button size="small" color="inherit" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        )}
      </Box>
      {underWay && (
        <LinearProgress
          aria-label={`${now} ${name}`}
          {...(total !== null && total > 0 && { variant: 'determinate', value: Math.min(100, (done / total) * 100) })}
          sx={{ mt: 0.5, borderRadius: 1 }}
        />
      )}
      {isTaken && (
        <Box sx={{ display: 'flex', gap: 1, mt: 0.5 }}>
          <Button size="small" loading={again.isPending} onClick={() => again.mutate('keep-both')}>
            Keep both
          </Button>
          <Button size="small" color="error" disabled={again.isPending} onClick={() => again.mutate('replace')}>
            Replace
          </Button>
          <Button size="small" disabled={again.isPending} onClick={() => again.mutate('skip')}>
            Skip
          </Button>
        </Box>
      )}
      {error !== null && <ProblemAlert error={error} />}
    </Box>
  )
}

/** With a few seconds for clocks that differ, and for what ended before the tray was there. */
const endedSince = ({ finishedAt }: Job, time: number): boolean =>
  finishedAt !== null && Date.parse(finishedAt) > time - 5000

const lastName = (path: string): string => shownName(path.replace(/\/$/, '').split('/').at(-1) ?? '')
