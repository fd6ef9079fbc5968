import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { ReactElement, ReactNode } from 'react'
import { FormProblem } from '../ui/form/form-problem.tsx'
import type { Form } from '../ui/form/use-form.ts'

interface EntryFormProps<Values> {
  readonly form: Form<Values>
  readonly submitLabel: string
  readonly children: ReactNode
}

export function EntryForm<Values>({ form, submitLabel, children }: EntryFormProps<Values>): ReactElement {
  return (
    <Box component="form" onSubmit={form.onSubmit} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
      <FormProblem form={form} />
      {children}
      <Button type="submit" variant="contained" size="large" loading={form.isSubmitting}>
        {submitLabel}
      </Button>
    </Box>
  )
}
