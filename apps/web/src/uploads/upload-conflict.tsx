import Button from '@mui/material/Button'
import Checkbox from '@mui/material/Checkbox'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogContentText from '@mui/material/DialogContentText'
import DialogTitle from '@mui/material/DialogTitle'
import FormControlLabel from '@mui/material/FormControlLabel'
import { type ReactElement, useId, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import type { Decision, UploadItem } from './upload-item.ts'
import { useUploads } from './use-uploads.ts'

/** Asks about the files whose names are taken, one after another. */
export function UploadConflict(): ReactElement | null {
  const taken = useUploads().items.filter(({ state }) => state === 'exists')
  const first = taken[0]
  return first ? <ConflictDialog key={first.id} item={first} others={taken.length - 1} /> : null
}

interface ConflictDialogProps {
  readonly item: UploadItem
  readonly others: number
}

function ConflictDialog({ item, others }: ConflictDialogProps): ReactElement {
  const { uploads } = useApp()
  const titleId = useId()
  const [forAll, setForAll] = useState(others > 0)
  const decide = (decision: Decision) => (): void => uploads.decide(item.id, decision, forAll)
  return (
    <Dialog open aria-labelledby={titleId} fullWidth maxWidth="sm" onClose={decide('skip')}>
      <DialogTitle id={titleId}>This file exists already</DialogTitle>
      <DialogContent>
        <DialogContentText sx={{ overflowWrap: 'anywhere' }}>
          <strong>{item.name}</strong> is already there. Replacing it changes the file for everyone who uses it.
        </DialogContentText>
        <FormControlLabel
          control={<Checkbox checked={forAll} onChange={(_event, ticked) => setForAll(ticked)} />}
          label={
            others > 0
              ? `Do the same for ${others === 1 ? 'the other file' : `the other ${others} files`} that exist`
              : 'Do the same for all files in this upload'
          }
          sx={{ mt: 1 }}
        />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2, flexWrap: 'wrap', rowGap: 1 }}>
        <Button onClick={decide('replace')} color="error">
          Replace
        </Button>
        <Button onClick={decide('keep-both')}>Keep both</Button>
        <Button onClick={decide('skip')} variant="contained" autoFocus>
          Skip
        </Button>
      </DialogActions>
    </Dialog>
  )
}
