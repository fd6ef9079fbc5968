import ContentCopy from '@mui/icons-material/ContentCopy'
import Box from '@mui/material/Box'
import IconButton from '@mui/material/IconButton'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'

interface CopyTextProps {
  readonly text: string
  /** What a screen reader says is copied. */
  readonly what: string
}

/** A text that a person may need elsewhere, such as an id, with a button that copies it. */
export function CopyText({ text, what }: CopyTextProps): ReactElement {
  const { toasts } = useApp()
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      toasts.show('Copied')
    } catch {
      // Over plain http on another machine's name browsers have no clipboard.
      toasts.show('The browser does not allow copying here. Select the text instead.')
    }
  }
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 0.5, minWidth: 0 }}>
      <Box component="span" sx={{ fontFamily: 'monospace', overflowWrap: 'anywhere', userSelect: 'all' }}>
        {text}
      </Box>
      <IconButton size="small" color="inherit" aria-label={`Copy ${what}`} onClick={() => void copy()}>
        <ContentCopy sx={{ fontSize: '1rem' }} />
      </IconButton>
    </Box>
  )
}
