import Box from '@mui/material/Box'
import { toJsxRuntime } from 'hast-util-to-jsx-runtime'
import { common, createLowlight } from 'lowlight'
import { type ReactElement, useMemo } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'
import { CODE_SX } from './code-colours.ts'

/** Characters beyond which colours would keep the page waiting. */
const COLOUR_LIMIT = 100_000

const lowlight = createLowlight(common)

/** A text as it stands in its file, coloured where its language is known. */
export function CodeText({ text, extension }: { readonly text: string; readonly extension: string }): ReactElement {
  const known = extension !== '' && extension !== 'txt' && extension !== 'log' && lowlight.registered(extension)
  const coloured = useMemo(
    () =>
      known && text.length <= COLOUR_LIMIT
        ? toJsxRuntime(lowlight.highlight(extension, text), { Fragment, jsx, jsxs })
        : undefined,
    [known, text, extension],
  )
  return (
    <Box
      component="pre"
      sx={{
        m: 0,
        fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
        fontSize: '0.8125rem',
        lineHeight: 1.6,
        tabSize: 4,
        whiteSpace: 'pre-wrap',
        overflowWrap: 'anywhere',
        ...CODE_SX,
      }}
    >
      {coloured ?? text}
    </Box>
  )
}
