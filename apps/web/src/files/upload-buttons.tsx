import CloudUploadOutlined from '@mui/icons-material/CloudUploadOutlined'
import DriveFolderUploadOutlined from '@mui/icons-material/DriveFolderUploadOutlined'
import Button from '@mui/material/Button'
import { WideText } from '../ui/wide-text.tsx'
import { type ReactElement, useRef } from 'react'
import type { Chosen } from '../uploads/new-upload.ts'
import type * as PickedFiles from '../uploads/picked-files.ts'

interface UploadButtonProps {
  readonly onChosen: (chosen: Chosen) => void
  readonly onFailed: (error: unknown) => void
}

/** Files and whole folders. Where the browser gives handles, uploads go on after a reload without a new choice. */
export function UploadButtons({ onChosen, onFailed }: UploadButtonProps): ReactElement {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (choose: (how: typeof PickedFiles) => Promise<Chosen | undefined> | Chosen): void => {
    import('../uploads/picked-files.ts')
      .then(choose)
      .then((chosen) => chosen && onChosen(chosen))
      .catch(onFailed)
  }
  const input = (ref: typeof files, label: string, isFolder: boolean): ReactElement => (
    <input
      ref={ref}
      type="file"
      multiple
      hidden
      {...(isFolder && { webkitdirectory: '' })}
      aria-label={label}
      onChange={(event) => {
        const list = [...(event.target.files ?? [])]
        // So that the same file can be chosen again.
        event.target.value = ''
        if (list.length > 0) take(({ filesOfInput }) => filesOfInput(list))
      }}
    />
  )
  return (
    <>
      <Button
        startIcon={<DriveFolderUploadOutlined />}
        title="Upload folder"
        aria-label="Upload folder"
        onClick={() => ('showDirectoryPicker' in window ? take((how) => how.pickFolder()) : folder.current?.click())}
        sx={{ flexShrink: 0 }}
      >
        <WideText>Upload folder</WideText>
      </Button>
      <Button
        variant="contained"
        startIcon={<CloudUploadOutlined />}
        onClick={() => ('showOpenFilePicker' in window ? take((how) => how.pickFiles()) : files.current?.click())}
        sx={{ flexShrink: 0 }}
      >
        Upload
      </Button>
      {input(files, 'Files to upload', false)}
      {input(folder, 'Folder to upload', true)}
    </>
  )
}
