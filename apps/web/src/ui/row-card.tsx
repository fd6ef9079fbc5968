import Box from '@mui/material/Box'
import type { ReactElement, ReactNode } from 'react'
import type { Column } from './column.ts'

interface RowCardProps<Row> {
  readonly columns: readonly Column<Row>[]
  readonly row: Row
  readonly menu: ReactNode
  /** What stands before the title. */
  readonly lead?: ReactNode
}

/** A row of a table where the window is too narrow for columns. */
export function RowCard<Row>({ columns, row, menu, lead }: RowCardProps<Row>): ReactElement {
  const at = (place: NonNullable<Column<Row>['card']>): readonly Column<Row>[] =>
    columns.filter(({ card = 'line' }) => card === place)
  const lines = columns.filter(({ card = 'line' }) => card === 'line' || card === 'bare')
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 0.5, py: 1.25 }}>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
        {lead !== undefined && <Box role="cell">{lead}</Box>}
        <Box sx={{ flex: 1, minWidth: 0 }}>
          {at('title').map(({ id, cell }) => (
            <Box key={id} role="cell" sx={{ minWidth: 0, fontWeight: 600, overflowWrap: 'anywhere' }}>
              {cell(row)}
            </Box>
          ))}
        </Box>
        {at('corner').map(({ id, cell }) => (
          <Box key={id} role="cell" sx={{ flexShrink: 0 }}>
            {cell(row)}
          </Box>
        ))}
        {menu !== undefined && <Box role="cell">{menu}</Box>}
      </Box>
      {lines.map(({ id, header, card, cell }) => {
        const content = cell(row)
        if (content === null || content === undefined || content === '' || content === false) return null
        return (
          <Box
            key={id}
            role="cell"
            sx={{ display: 'flex', gap: 1, minWidth: 0, alignItems: 'baseline', overflowWrap: 'anywhere' }}
          >
            {card !== 'bare' && (
              <Box component="span" sx={{ flex: '0 0 84px', typography: 'caption', color: 'text.secondary' }}>
                {header}
              </Box>
            )}
            <Box sx={{ minWidth: 0, flex: 1 }}>{content}</Box>
          </Box>
        )
      })}
    </Box>
  )
}
