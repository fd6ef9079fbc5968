import MailOutlined from '@mui/icons-material/MailOutlined'
import VisibilityOutlined from '@mui/icons-material/VisibilityOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import type { Mail } from '@skycrate/contract/mail/schemas'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { useRows } from '../../data/use-rows.ts'
import { formatTime } from '../../format/format-time.ts'
import type { Column } from '../../ui/column.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { Empty } from '../../ui/empty.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { outboxQuery } from './mail-queries.ts'

const COLUMNS: readonly Column<Mail>[] = [
  { id: 'to', header: 'To', width: 'minmax(0, 1.2fr)', card: 'title', cell: ({ to }) => to },
  { id: 'subject', header: 'Subject', width: 'minmax(0, 2fr)', cell: ({ subject }) => subject },
  { id: 'at', header: 'Written', width: '170px', cell: ({ at }) => formatTime(at) },
  { id: 'until', header: 'Expires', width: '170px', wideOnly: true, cell: ({ expiresAt }) => formatTime(expiresAt) },
]

/** Where mails end without an SMTP server: administrators pass on what is in them. */
export function Outbox(): ReactElement {
  const { api } = useApp()
  const query = useInfiniteQuery(outboxQuery(api))
  const list = useRows(query, (page) => page.mails)
  const [open, setOpen] = useState<Mail>()
  return (
    <>
      <Box sx={{ display: 'flex', justifyContent: 'flex-end' }}>
        <RefreshButton query={query} />
      </Box>
      <DataTable
        label="Mails"
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowName={({ to, subject }) => `${subject}, to ${to}`}
        actions={(mail) => [
          { label: 'Read', icon: <VisibilityOutlined fontSize="small" />, onSelect: () => setOpen(mail) },
        ]}
        empty={<Empty icon={MailOutlined} title="No mail is waiting" />}
      />
      {open !== undefined && <MailDialog mail={open} onClose={() => setOpen(undefined)} />}
    </>
  )
}

function MailDialog({ mail, onClose }: { readonly mail: Mail; readonly onClose: () => void }): ReactElement {
  const titleId = useId()
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId}>{mail.subject}</DialogTitle>
      <DialogContent>
        <Box sx={{ color: 'text.secondary', typography: 'body2', mb: 2 }}>To {mail.to}</Box>
        <Box sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{mail.text}</Box>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button variant="contained" onClick={onClose} autoFocus>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  )
}
