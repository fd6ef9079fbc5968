import CloudUploadOutlined from '@mui/icons-material/CloudUploadOutlined'
import Button from '@mui/material/Button'
import { type ReactElement, useRef } from 'react'
import { type NewUpload, newUpload } from '../uploads/new-upload.ts'

export function UploadButton({ onFiles }: { readonly onFiles: (files: NewUpload[]) => void }): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        variant="contained"
        startIcon={<CloudUploadOutlined />}
        onClick={() => input.current?.click()}
        sx={{ flexShrink: 0 }}
      >
        Upload
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])]
          // So that the same file can be chosen again.
          event.target.value = ''
          if (files.length > 0) onFiles(files.map((file) => newUpload(file, file.name)))
        }}
      />
    </>
  )
}
