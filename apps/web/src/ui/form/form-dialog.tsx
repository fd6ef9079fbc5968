import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import { type ReactElement, type ReactNode, useId } from 'react'
import { FormProblem } from './form-problem.tsx'
import type { Form } from './use-form.ts'

interface FormDialogProps<Values> {
  readonly form: Form<Values>
  readonly title: string
  readonly submitLabel: string
  readonly onClose: () => void
  /** The fields, one under another. */
  readonly children: ReactNode
  readonly maxWidth?: 'xs' | 'sm' | 'md'
  /** What can be done beside, at the lower left. */
  readonly extraAction?: ReactNode
}

/** A form in a dialog. A click beside it does not throw away what was entered. */
export function FormDialog<Values>(props: FormDialogProps<Values>): ReactElement {
  const { form, title, submitLabel, onClose, children, maxWidth = 'xs', extraAction } = props
  const titleId = useId()
  return (
    <Dialog
      open
      onClose={(_event, reason) => {
        if (!form.isSubmitting && !(reason === 'backdropClick' && form.isChanged)) onClose()
      }}
      aria-labelledby={titleId}
      fullWidth
      maxWidth={maxWidth}
    >
      <Box
        component="form"
        noValidate={false}
        onSubmit={form.onSubmit}
        sx={{ display: 'flex', flexDirection: 'column', minHeight: 0 }}
      >
        <DialogTitle id={titleId}>{title}</DialogTitle>
        <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2, '&&': { pt: 1 } }}>
          <FormProblem form={form} />
          {children}
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          {extraAction !== undefined && <Box sx={{ mr: 'auto' }}>{extraAction}</Box>}
          <Button onClick={onClose} color="inherit" disabled={form.isSubmitting}>
            Cancel
          </Button>
          <Button type="submit" variant="contained" loading={form.isSubmitting}>
            {submitLabel}
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  )
}
