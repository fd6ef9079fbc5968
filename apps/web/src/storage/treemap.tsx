import Box from '@mui/material/Box'
import ButtonBase from '@mui/material/ButtonBase'
import type { ReactElement } from 'react'
import { formatBytes } from '../format/format-bytes.ts'
import { treemapLayout } from './treemap-layout.ts'

interface TreemapProps {
  readonly label: string
  /** The largest first. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[]
  readonly onOpen: (index: number) => void
}

/** What the layout takes for the width, in pixels: tiles are as square as they are there. */
const WIDTH = 960
const MOST = 40

/** In pixels: a single part says nothing by its size. */
const heightOf = (parts: number): number => (parts <= 1 ? 56 : parts <= 3 ? 140 : 260)
const percent = (part: number, whole: number): string => `${(part / whole) * 100}%`

/** Parts of what is stored, each as large as its bytes. The table beside it says the same in words, and opens them by keyboard. */
export function Treemap({ label, parts, onOpen }: TreemapProps): ReactElement {
  const shown = parts.slice(0, MOST)
  const height = heightOf(shown.length)
  const tiles = treemapLayout(
    shown.map(({ bytes }) => bytes),
    WIDTH,
    height,
  )
  return (
    <Box role="group" aria-label={label} sx={{ position: 'relative', height, m: '-1px' }}>
      {tiles.map((tile) => {
        const { name, bytes } = shown[tile.index]!
        const hasRoom = tile.width > 60 && tile.height > 44
        return (
          <Box
            key={name}
            sx={{
              position: 'absolute',
              left: percent(tile.x, WIDTH),
              top: tile.y,
              width: percent(tile.width, WIDTH),
              height: tile.height,
              p: '1px',
            }}
          >
            <ButtonBase
              tabIndex={-1}
              title={`${name}: ${formatBytes(bytes)}`}
              aria-label={hasRoom ? undefined : `${name}: ${formatBytes(bytes)}`}
              onClick={() => onOpen(tile.index)}
              sx={{
                width: '100%',
                height: '100%',
                borderRadius: '4px',
                overflow: 'hidden',
                '&::before': {
                  content: '""',
                  position: 'absolute',
                  inset: 0,
                  bgcolor: 'primary.main',
                  opacity: Math.max(0.12, 0.38 - tile.index * 0.03),
                },
                '&:hover::before': { opacity: 0.45 },
              }}
            >
              {hasRoom && (
                <Box
                  sx={{
                    position: 'absolute',
                    inset: '6px 8px auto',
                    textAlign: 'left',
                    fontSize: 13,
                    lineHeight: 1.35,
                  }}
                >
                  <Box sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{name}</Box>{' '}
                  <Box sx={{ whiteSpace: 'nowrap' }}>{formatBytes(bytes)}</Box>
                </Box>
              )}
            </ButtonBase>
          </Box>
        )
      })}
    </Box>
  )
}
