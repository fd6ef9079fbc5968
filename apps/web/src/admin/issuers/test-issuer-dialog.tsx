import type { Issuer, IssuerReport } from '@skycrate/contract/issuers/schemas'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { IssuerReportView } from './issuer-report.tsx'

interface TestIssuerDialogProps {
  readonly issuer: Issuer
  readonly onClose: () => void
}

export function TestIssuerDialog({ issuer, onClose }: TestIssuerDialogProps): ReactElement {
  const { api } = useApp()
  const [report, setReport] = useState<IssuerReport>()
  const form = useForm({
    initial: { token: '' },
    submit: ({ token }) =>
      api.request('testIssuer', { body: { id: issuer.id, ...(token.trim() === '' ? {} : { token: token.trim() }) } }),
    onDone: setReport,
  })
  return (
    <FormDialog form={form} title={`Test ${issuer.name}`} submitLabel="Test" maxWidth="sm" onClose={onClose}>
      <TextInput
        form={form}
        name="token"
        label="A token of this issuer (optional)"
        multiline
        minRows={3}
        maxRows={5}
        autoComplete="off"
        maxLength={16_384}
        hint="It is explained claim by claim, and neither stored nor logged."
      />
      {report && <IssuerReportView report={report} />}
    </FormDialog>
  )
}
