import type { ReactElement } from 'react'
import { FormDialog } from '../ui/form/form-dialog.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'

interface NameDialogProps {
  readonly title: string
  readonly submitLabel: string
  readonly initial: string
  /** @throws what the dialog then shows, and stays open */
  readonly onSubmit: (name: string) => Promise<unknown>
  readonly onClose: () => void
}

/** Asks for the name of a file or folder. */
export function NameDialog({ title, submitLabel, initial, onSubmit, onClose }: NameDialogProps): ReactElement {
  const form = useForm({
    initial: { name: initial },
    validate: ({ name }) => ({ name: mistakeIn(name) }),
    submit: ({ name }) => onSubmit(name.normalize('NFC')),
    onDone: onClose,
    paths: { name: '/key' },
  })
  return (
    <FormDialog form={form} title={title} submitLabel={submitLabel} onClose={onClose}>
      <TextInput form={form} name="name" label="Name" required autoFocus autoComplete="off" />
    </FormDialog>
  )
}

/** The server's rules: `packages/core/src/naming/key.ts`. */
function mistakeIn(name: string): string | undefined {
  if (name.includes('/') || name.includes('\\')) return 'A name has no / and no \\.'
  if (name === '.' || name === '..') return 'This name means a folder itself. Choose another.'
  return undefined
}
