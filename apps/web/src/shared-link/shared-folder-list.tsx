import DownloadOutlined from '@mui/icons-material/DownloadOutlined'
import FolderOutlined from '@mui/icons-material/FolderOutlined'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Box from '@mui/material/Box'
import Breadcrumbs from '@mui/material/Breadcrumbs'
import Button from '@mui/material/Button'
import LinearProgress from '@mui/material/LinearProgress'
import Link from '@mui/material/Link'
import Typography from '@mui/material/Typography'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { cursorQuery } from '../data/cursor-query.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import type { SharedDownloads } from './use-shared-download.ts'
import { shownName } from '../format/shown-name.ts'

const PAGE = 200

interface SharedFolderListProps {
  readonly token: string
  readonly pass: string | undefined
  readonly name: string
  readonly download: SharedDownloads
}

/** A shared folder and what is below it. */
export function SharedFolderList({ token, pass, name, download }: SharedFolderListProps): ReactElement {
  const { api } = useApp()
  const [folder, setFolder] = useState('')
  const query = useInfiniteQuery(
    cursorQuery({
      queryKey: ['shared-folder', token, folder],
      fetchPage: (cursor, signal) =>
        api.request(
          'listShared',
          {
            params: { token },
            body: { folder, limit: PAGE, ...(pass !== undefined && { pass }), ...(cursor !== undefined && { cursor }) },
          },
          { signal },
        ),
    }),
  )
  const pages = query.data?.pages ?? []
  const folders = pages.flatMap((page) => page.folders)
  const files = pages.flatMap((page) => page.files)
  const error = query.error ?? download.error
  const parts = folder.split('/').slice(0, -1)
  return (
    <>
      {parts.length > 0 && (
        <Breadcrumbs aria-label="Folders" maxItems={4} itemsAfterCollapse={2} expandText="Show hidden folders">
          <Link component="button" type="button" onClick={() => setFolder('')}>
            {name}
          </Link>
          {parts.map((part, at) => {
            const path = `${parts.slice(0, at + 1).join('/')}/`
            return path === folder ? (
              <Typography key={path} aria-current="page" sx={{ overflowWrap: 'anywhere' }}>
                {part}
              </Typography>
            ) : (
              <Link key={path} component="button" type="button" onClick={() => setFolder(path)}>
                {part}
              </Link>
            )
          })}
        </Breadcrumbs>
      )}
      {error !== null && error !== undefined && <ProblemAlert error={error} />}
      {query.isPending ? (
        <LinearProgress aria-label="Listing the folder" />
      ) : (
        <Box component="ul" aria-label="Files" sx={{ m: 0, p: 0, listStyle: 'none' }}>
          {folders.map((path) => (
            <Line key={path} icon={<FolderOutlined color="action" />}>
              <Link component="button" type="button" onClick={() => setFolder(path)} sx={{ textAlign: 'left' }}>
                {shownName(path.slice(folder.length, -1))}
              </Link>
            </Line>
          ))}
          {files.map(({ path, size }) => {
            const title = shownName(path.slice(folder.length))
            return (
              <Line key={path} icon={<InsertDriveFileOutlined color="action" />}>
                <Box sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
                  {title}
                  <Typography variant="caption" color="textSecondary" component="div">
                    {formatBytes(size)}
                  </Typography>
                </Box>
                <Button
                  size="small"
                  startIcon={<DownloadOutlined />}
                  aria-label={`Download ${title}`}
                  disabled={download.isPending}
                  onClick={() => download.start(path)}
                >
                  Download
                </Button>
              </Line>
            )
          })}
        </Box>
      )}
      {!query.isPending && folders.length === 0 && files.length === 0 && (
        <Typography color="textSecondary">This folder is empty.</Typography>
      )}
      {query.hasNextPage && (
        <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </>
  )
}

function Line({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }): ReactElement {
  return (
    <Box
      component="li"
      sx={{ display: 'flex', alignItems: 'center', gap: 1.5, py: 1, borderTop: 1, borderColor: 'divider', minWidth: 0 }}
    >
      {icon}
      {children}
    </Box>
  )
}
