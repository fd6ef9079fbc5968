import Box from '@mui/material/Box'
import Checkbox from '@mui/material/Checkbox'
import { memo, type ReactElement, type ReactNode } from 'react'
import type { Column } from './column.ts'
import { type RowAction, RowActions } from './row-action.tsx'
import { RowCard } from './row-card.tsx'

interface RowContentsProps<Row> {
  readonly row: Row
  readonly columns: readonly Column<Row>[]
  readonly asCard: boolean
  readonly actions: ((row: Row) => readonly RowAction[]) | undefined
  readonly rowName: ((row: Row) => string) | undefined
  /** Undefined where rows are not selected. */
  readonly isSelected: boolean | undefined
  /** Its box was clicked. The same function at every time. */
  readonly onSelect: (row: Row, how: 'range' | 'toggle') => void
}

function Contents<Row>(props: RowContentsProps<Row>): ReactElement {
  const { row, columns, asCard, actions, rowName, isSelected, onSelect } = props
  const name = rowName?.(row) ?? 'this row'
  const box: ReactNode = isSelected !== undefined && (
    <Checkbox
      size="small"
      checked={isSelected}
      onChange={(event) => onSelect(row, (event.nativeEvent as globalThis.MouseEvent).shiftKey ? 'range' : 'toggle')}
      slotProps={{ input: { 'aria-label': `Select ${name}` } }}
      sx={{ p: 0.5, ml: -0.5 }}
    />
  )
  const menu: ReactNode = actions && <RowActions actions={actions(row)} rowName={name} />
  if (asCard) {
    return <RowCard columns={columns} row={row} menu={menu} {...(isSelected !== undefined && { lead: box })} />
  }
  return (
    <>
      {isSelected !== undefined && <Box role="cell">{box}</Box>}
      {columns.map(({ id, align, cell }) => (
        <Box key={id} role="cell" sx={{ minWidth: 0, textAlign: align ?? 'left' }}>
          {cell(row)}
        </Box>
      ))}
      {actions && <Box role="cell">{menu}</Box>}
    </>
  )
}

/** What stands in a row: made once, however often the rows around it come and go while one scrolls. */
export const RowContents = memo(Contents) as typeof Contents
