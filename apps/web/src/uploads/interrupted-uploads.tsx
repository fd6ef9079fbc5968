import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import { type ReactElement, useRef } from 'react'
import { useApp } from '../app/app-context.ts'
import { counted } from '../format/counted.ts'
import type { UploadItem } from './upload-item.ts'

/** Goes on with uploads whose page was closed: their files have to be opened again. */
export function InterruptedUploads({ items }: { readonly items: readonly UploadItem[] }): ReactElement {
  const { uploads, toasts } = useApp()
  const input = useRef<HTMLInputElement>(null)
  const open = items.filter(({ state }) => state === 'interrupted')
  const canOpen = open.some(({ hasHandle }) => hasHandle)
  return (
    <Box sx={{ px: 2, pb: 1.5, flexShrink: 0 }}>
      <Typography variant="caption" color="textSecondary" component="div" sx={{ mb: 1 }}>
        {counted(open.length, 'upload')} stopped when the page was closed. What has arrived is not sent again.
      </Typography>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        {canOpen && (
          <Button size="small" variant="contained" onClick={() => void uploads.openInterrupted()}>
            Resume
          </Button>
        )}
        <Button size="small" variant={canOpen ? 'text' : 'contained'} onClick={() => input.current?.click()}>
          Choose the {open.length === 1 ? 'file' : 'files'} again
        </Button>
      </Box>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to resume"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          event.target.value = ''
          const matched = uploads.chooseAgain(files)
          if (matched < files.length) {
            toasts.show(
              'One of these files is not the one that was interrupted, or it has changed since. Upload it again.',
            )
          }
        }}
      />
    </Box>
  )
}
