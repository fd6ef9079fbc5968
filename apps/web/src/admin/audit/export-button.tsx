import Button from '@mui/material/Button'
import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { saveFile } from '../permissions/save-file.ts'
import type { AuditSearch } from './audit-search.ts'

const LABELS = { csv: 'CSV', jsonl: 'JSON Lines' } as const

/** Saves the events that match the filters. */
export function ExportButton({
  search,
  format,
}: {
  readonly search: AuditSearch
  readonly format: keyof typeof LABELS
}): ReactElement {
  const { api, toasts } = useApp()
  const exporting = useMutation({
    mutationFn: () => api.request('auditExport', { query: { ...search, format } }),
    onSuccess: (file) => saveFile(file, `audit.${format}`),
    onError: () => toasts.show('The export failed. Try again.'),
  })
  return (
    <Button color="inherit" loading={exporting.isPending} onClick={() => exporting.mutate()}>
      Export {LABELS[format]}
    </Button>
  )
}
