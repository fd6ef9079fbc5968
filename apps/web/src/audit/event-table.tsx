import type { AuditEvent } from '@skycrate/contract/audit/schemas'
import { type ReactElement, type ReactNode, useMemo, useState } from 'react'
import type { Rows } from '../data/use-rows.ts'
import { DataTable } from '../ui/data-table.tsx'
import { eventColumns } from './event-columns.tsx'
import { EventDialog } from './event-dialog.tsx'

interface EventTableProps {
  readonly label: string
  readonly list: Rows<AuditEvent>
  readonly showUser: boolean
  readonly empty: ReactNode
}

/** Audit events, newest first. */
export function EventTable({ label, list, showUser, empty }: EventTableProps): ReactElement {
  const [opened, setOpened] = useState<AuditEvent>()
  const columns = useMemo(() => eventColumns(showUser, setOpened), [showUser])
  return (
    <>
      <DataTable label={label} columns={columns} list={list} rowKey={({ id }) => id} rowHeight={64} empty={empty} />
      {opened && <EventDialog event={opened} onClose={() => setOpened(undefined)} />}
    </>
  )
}
