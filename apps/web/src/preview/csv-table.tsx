import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Papa from 'papaparse'
import { type ReactElement, useMemo } from 'react'

const MAX_ROWS = 1_000
const MAX_COLUMNS = 100

interface CsvTableProps {
  readonly text: string
  /** Whether the text goes on: its last line is then half a line. */
  readonly cut: boolean
  /** Found out where it is undefined. */
  readonly delimiter: string | undefined
}

/** The first line names the columns, as in most files. */
export function CsvTable({ text, cut, delimiter }: CsvTableProps): ReactElement {
  const { head, rows, more } = useMemo(() => {
    const { data } = Papa.parse<string[]>(text, {
      skipEmptyLines: true,
      preview: MAX_ROWS + 2,
      ...(delimiter !== undefined && { delimiter }),
    })
    const lines = cut && data.length <= MAX_ROWS + 1 ? data.slice(0, -1) : data
    const [first = [], ...others] = lines
    return { head: first.slice(0, MAX_COLUMNS), rows: others.slice(0, MAX_ROWS), more: others.length > MAX_ROWS }
  }, [text, cut, delimiter])
  return (
    <>
      {more && (
        <Alert severity="info" sx={{ mb: 2 }}>
          Only the first {MAX_ROWS.toLocaleString()} rows are shown.
        </Alert>
      )}
      <Box
        component="table"
        sx={{
          borderCollapse: 'collapse',
          typography: 'body2',
          fontVariantNumeric: 'tabular-nums',
          '& th, & td': {
            border: 1,
            borderColor: 'divider',
            px: 1,
            py: 0.5,
            textAlign: 'left',
            whiteSpace: 'pre-wrap',
          },
          '& th': { fontWeight: 600, bgcolor: 'action.hover' },
        }}
      >
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={line}>
              {row.slice(0, MAX_COLUMNS).map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </Box>
    </>
  )
}
