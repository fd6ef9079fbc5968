import type { FileEntry } from '../files/entry.ts'

export interface PreviewProps {
  readonly bucket: string
  readonly file: FileEntry
  readonly onDownload: () => void
}
