import Box from '@mui/material/Box'
import type { ReactElement } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { treemapLayout } from './treemap-layout.ts'

interface TreemapProps {
  readonly label: string
  /** The largest first. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[]
}

const WIDTH = 640
const HEIGHT = 280
const MOST = 40

/** Parts of what is stored, each as large as its bytes. The table beside it says the same in words. */
export function Treemap({ label, parts }: TreemapProps): ReactElement {
  const shown = parts.slice(0, MOST)
  const tiles = treemapLayout(
    shown.map(({ bytes }) => bytes),
    WIDTH,
    HEIGHT,
  )
  return (
    <Box
      component="svg"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      sx={{ width: '100%', display: 'block', color: 'primary.main' }}
    >
      {tiles.map(({ index, x, y, width, height }) => {
        const { name, bytes } = shown[index]!
        const letters = Math.floor((width - 12) / 7.5)
        return (
          <g key={name}>
            <title>{`${name}: ${formatBytes(bytes)}`}</title>
            <Box
              component="rect"
              x={x + 1}
              y={y + 1}
              width={Math.max(0, width - 2)}
              height={Math.max(0, height - 2)}
              rx={3}
              sx={{ fill: 'currentcolor', fillOpacity: Math.max(0.12, 0.38 - index * 0.03) }}
            />
            {letters > 4 && height > 40 && (
              <Box
                component="text"
                x={x + 8}
                y={y + 20}
                sx={{ fontSize: 13, fill: (theme) => theme.palette.text.primary }}
              >
                {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
                <tspan x={x + 8} dy={17} fillOpacity={0.75}>
                  {formatBytes(bytes)}
                </tspan>
              </Box>
            )}
          </g>
        )
      })}
    </Box>
  )
}
