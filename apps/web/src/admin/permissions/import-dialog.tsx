import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import type { ImportReport } from '@skycrate/contract/permissions/schemas'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useId, useRef } from 'react'
import { useApp } from '../../app/app-context.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'

/** Mistakes that are shown at most; the file has them all. */
const MANY = 200

interface ImportDialogProps {
  readonly onClose: () => void
  readonly onImported: (report: ImportReport) => void
}

/** Checks a CSV file of permissions and imports it when it is right. */
export function ImportDialog({ onClose, onImported }: ImportDialogProps): ReactElement {
  const { api } = useApp()
  const titleId = useId()
  const input = useRef<HTMLInputElement>(null)
  const send = async (file: File, dryRun: 'true' | 'false'): Promise<ImportReport> => {
    const body = new Blob([await file.arrayBuffer()], { type: 'text/csv' })
    return api.request('importPermissions', { body, query: { dryRun } })
  }
  const checking = useMutation({
    mutationFn: async (file: File) => ({ file, report: await send(file, 'true') }),
  })
  const importing = useMutation({ mutationFn: (file: File) => send(file, 'false'), onSuccess: onImported })
  const checked = checking.data
  const isReady = checked !== undefined && checked.report.mistakes.length === 0 && checked.report.lines > 0
  const isBusy = checking.isPending || importing.isPending
  return (
    <Dialog
      open
      onClose={() => {
        if (!importing.isPending) onClose()
      }}
      aria-labelledby={titleId}
      fullWidth
      maxWidth="sm"
    >
      <DialogTitle id={titleId}>Import permissions</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <Typography variant="body2" color="textSecondary">
          A CSV file with the columns kind, principal, bucket, prefix and actions; an export is one. The file is checked
          first, and nothing is imported while a line has a mistake.
        </Typography>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, flexWrap: 'wrap' }}>
          <Button variant="outlined" disabled={isBusy} onClick={() => input.current?.click()}>
            Choose a file
          </Button>
          <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
            {checked?.file.name ?? checking.variables?.name ?? 'No file chosen'}
          </Typography>
          <input
            ref={input}
            type="file"
            accept=".csv,text/csv"
            hidden
            aria-label="CSV file"
            onChange={(event) => {
              const file = event.target.files?.[0]
              event.target.value = ''
              if (!file) return
              importing.reset()
              checking.mutate(file)
            }}
          />
        </Box>
        {isBusy && <LinearProgress aria-label={importing.isPending ? 'Importing' : 'Checking'} />}
        {checking.isError && <ProblemAlert error={checking.error} />}
        {importing.isError && <ProblemAlert error={importing.error} />}
        {checked && <Report report={checked.report} />}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button onClick={onClose} color="inherit" disabled={importing.isPending}>
          Cancel
        </Button>
        <Button
          variant="contained"
          disabled={!isReady || isBusy}
          loading={importing.isPending}
          onClick={() => checked && importing.mutate(checked.file)}
        >
          {isReady ? `Import ${checked.report.created}` : 'Import'}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function Report({ report }: { readonly report: ImportReport }): ReactElement {
  const { lines, created, unchanged, mistakes } = report
  if (mistakes.length === 0) {
    return (
      <Alert severity={lines === 0 ? 'info' : 'success'}>
        {lines === 0
          ? 'The file has no permissions.'
          : `${created} of ${lines} permissions are new. ${unchanged} exist already and stay as they are.`}
      </Alert>
    )
  }
  return (
    <Alert severity="error" sx={{ '& .MuiAlert-message': { minWidth: 0, flex: 1 } }}>
      {mistakes.length === 1 ? 'There is a mistake.' : `There are ${mistakes.length} mistakes.`}
      <Box
        component="ul"
        tabIndex={0}
        aria-label="Mistakes"
        sx={{ m: 0, mt: 1, pl: 2.5, maxHeight: 240, overflow: 'auto', overflowWrap: 'anywhere' }}
      >
        {mistakes.slice(0, MANY).map(({ line, column, message }) => (
          <li key={`${line} ${column} ${message}`}>
            Line {line}
            {column !== null && `, ${column}`}: {message}
          </li>
        ))}
      </Box>
      {mistakes.length > MANY && `${mistakes.length - MANY} more are not shown.`}
    </Alert>
  )
}
