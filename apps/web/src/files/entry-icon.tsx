import ContentCopy from '@mui/icons-material/ContentCopyOutlined'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import DownloadOutlined from '@mui/icons-material/DownloadOutlined'
import DriveFileMoveOutlined from '@mui/icons-material/DriveFileMoveOutlined'
import DriveFileRenameOutline from '@mui/icons-material/DriveFileRenameOutlineOutlined'
import HistoryOutlined from '@mui/icons-material/HistoryOutlined'
import InfoOutlined from '@mui/icons-material/InfoOutlined'
import LinkOutlined from '@mui/icons-material/LinkOutlined'
import LayersOutlined from '@mui/icons-material/LayersOutlined'
import StarOutlined from '@mui/icons-material/StarOutlineRounded'
import type { ReactElement } from 'react'

const ICONS = {
  class: LayersOutlined,
  copy: ContentCopy,
  delete: DeleteOutlined,
  details: InfoOutlined,
  download: DownloadOutlined,
  move: DriveFileMoveOutlined,
  rename: DriveFileRenameOutline,
  share: LinkOutlined,
  star: StarOutlined,
  versions: HistoryOutlined,
} as const

export type EntryIconName = keyof typeof ICONS

/** What stands before an action on files. */
export function EntryIcon({ name }: { readonly name: EntryIconName }): ReactElement {
  const Icon = ICONS[name]
  return <Icon />
}
