import Box from '@mui/material/Box'
import Typography from '@mui/material/Typography'
import type { ReactElement } from 'react'

interface BarsProps {
  readonly label: string
  readonly bars: readonly { readonly name: string; readonly value: number; readonly inner?: number }[]
  readonly text: (value: number) => string
}

const HEIGHT = 96

/** Values over time; an inner bar stands within its outer one. */
export function Bars({ label, bars, text }: BarsProps): ReactElement {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const heightOf = (value: number): number => (value <= 0 ? 0 : Math.max(2, (value / most) * HEIGHT))
  const [first, last] = [bars[0], bars.at(-1)]
  return (
    <div>
      <Box
        role="img"
        aria-label={label}
        sx={{
          display: 'flex',
          alignItems: 'flex-end',
          gap: '2px',
          height: HEIGHT,
          borderBottom: 1,
          borderColor: 'divider',
        }}
      >
        {bars.map(({ name, value, inner }) => (
          <Box
            key={name}
            title={`${name}: ${text(value)}${inner === undefined ? '' : `, with all advice ${text(inner)}`}`}
            sx={{
              flex: '1 1 0',
              maxWidth: '48px',
              minWidth: '2px',
              height: heightOf(value),
              bgcolor: inner === undefined ? 'primary.main' : 'action.disabled',
              display: 'flex',
              alignItems: 'flex-end',
            }}
          >
            {inner !== undefined && <Box sx={{ width: '100%', height: heightOf(inner), bgcolor: 'success.main' }} />}
          </Box>
        ))}
      </Box>
      {first !== undefined && last !== undefined && (
        <Typography variant="caption" color="textSecondary">
          {first.name}: {text(first.value)}
          {last !== first && `. ${last.name}: ${text(last.value)}`}
        </Typography>
      )}
    </div>
  )
}
