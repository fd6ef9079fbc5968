import type { ReactElement } from 'react'
import { ProblemAlert } from '../problem-alert.tsx'
import type { Form } from './use-form.ts'

/** Why the form was refused, without what stands at its fields. */
export function FormProblem<Values>({ form }: { readonly form: Form<Values> }): ReactElement | null {
  return form.error === null ? null : <ProblemAlert error={form.error} toldElsewhere={form.isAtField} />
}
