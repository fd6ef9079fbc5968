import Box from '@mui/material/Box'
import { type ReactElement, useMemo } from 'react'
import { encode } from 'uqr'

/** @param label what a screen reader says it is */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactElement {
  const { size, path } = useMemo(() => {
    const { data, size } = encode(text, { border: 2 })
    const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { size, path: squares.join('') }
  }, [text])
  return (
    <Box
      component="svg"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      // Cameras need dark squares on white, also in the dark.
      sx={{ width: 200, height: 200, bgcolor: '#fff', borderRadius: 1, alignSelf: 'center', flexShrink: 0 }}
    >
      <path d={path} fill="#000" />
    </Box>
  )
}
