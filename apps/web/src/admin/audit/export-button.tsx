import Button from '@mui/material/Button'
import Menu from '@mui/material/Menu'
import MenuItem from '@mui/material/MenuItem'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { saveFile } from '../permissions/save-file.ts'
import type { AuditSearch } from './audit-search.ts'

const FORMATS = { csv: 'CSV', jsonl: 'JSON Lines' } as const

/** Saves the events that match the filters. */
export function ExportButton({ search }: { readonly search: AuditSearch }): ReactElement {
  const { api, toasts } = useApp()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const exporting = useMutation({
    mutationFn: async (format: keyof typeof FORMATS) => {
      saveFile(await api.request('auditExport', { query: { ...search, format } }), `audit.${format}`)
    },
    onError: () => toasts.show('The export failed. Try again.'),
  })
  return (
    <>
      <Button
        color="inherit"
        loading={exporting.isPending}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        Export
      </Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        {(['csv', 'jsonl'] as const).map((format) => (
          <MenuItem
            key={format}
            onClick={() => {
              setAnchor(null)
              exporting.mutate(format)
            }}
          >
            {FORMATS[format]}
          </MenuItem>
        ))}
      </Menu>
    </>
  )
}
