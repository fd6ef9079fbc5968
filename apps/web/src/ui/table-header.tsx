import ArrowDownward from '@mui/icons-material/ArrowDownward'
import ArrowUpward from '@mui/icons-material/ArrowUpward'
import Box from '@mui/material/Box'
import ButtonBase from '@mui/material/ButtonBase'
import type { ReactElement, ReactNode } from 'react'
import type { Column } from './column.ts'
import { HEADER_HEIGHT } from './table-layout.ts'
import type { SortedRows } from './use-sorted-rows.ts'

interface TableHeaderProps<Row> {
  readonly columns: readonly Column<Row>[]
  readonly template: string
  readonly sorted: SortedRows<Row>
  readonly hasMenu: boolean
  /** What stands before the columns. */
  readonly lead?: ReactNode
}

export function TableHeader<Row>({ columns, template, sorted, hasMenu, lead }: TableHeaderProps<Row>): ReactElement {
  'use no memo' // `sorted` asks a table that changes in place.
  return (
    <Box
      role="rowgroup"
      sx={{
        position: 'sticky',
        top: 0,
        zIndex: 1,
        bgcolor: 'background.paper',
        borderBottom: 1,
        borderColor: 'divider',
      }}
    >
      <Box
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: template }}
        sx={{
          display: 'grid',
          alignItems: 'center',
          columnGap: 2,
          px: 2,
          height: HEADER_HEIGHT - 1,
          typography: 'caption',
          fontWeight: 600,
          color: 'text.secondary',
        }}
      >
        {lead !== undefined && <Box role="columnheader">{lead}</Box>}
        {columns.map(({ id, header, align }) => {
          const order = sorted.sortedBy(id)
          return (
            <Box
              key={id}
              role="columnheader"
              {...(order !== false && { 'aria-sort': order === 'asc' ? 'ascending' : 'descending' })}
              sx={{ minWidth: 0, textAlign: align ?? 'left' }}
            >
              {sorted.canSort(id) ? (
                <ButtonBase
                  onClick={() => sorted.toggle(id)}
                  sx={{
                    font: 'inherit',
                    gap: 0.5,
                    borderRadius: 0.5,
                    '&:hover': { color: 'text.primary' },
                    '&.Mui-focusVisible': { outline: '2px solid', outlineOffset: 2 },
                    '& svg': { fontSize: '0.875rem', opacity: order === false ? 0 : 1 },
                    '&:hover svg, &.Mui-focusVisible svg': { opacity: order === false ? 0.5 : 1 },
                    flexDirection: align === 'right' ? 'row-reverse' : 'row',
                  }}
                >
                  {header}
                  {order === 'desc' ? <ArrowDownward /> : <ArrowUpward />}
                </ButtonBase>
              ) : (
                header
              )}
            </Box>
          )
        })}
        {hasMenu && <Box role="columnheader" aria-label="Actions" />}
      </Box>
    </Box>
  )
}
