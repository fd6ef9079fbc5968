import AccountTreeOutlined from '@mui/icons-material/AccountTreeOutlined'
import Box from '@mui/material/Box'
import IconButton from '@mui/material/IconButton'
import useMediaQuery from '@mui/material/useMediaQuery'
import type { LinkProps } from '@tanstack/react-router'
import { lazy, type ReactElement, Suspense } from 'react'
import { useRemembered } from '../ui/use-remembered.ts'
import type { Action } from './actions-at.ts'
import { FileBrowser } from './file-browser.tsx'

const FolderTree = lazy(() =>
  import('../folder-tree/folder-tree.tsx').then((module) => ({ default: module.FolderTree })),
)

interface FolderPageProps {
  readonly bucket: string
  readonly prefix: string
  /** Where the breadcrumbs and the tree begin, and what they call it. */
  readonly root: string
  readonly rootName: string
  readonly linkTo: (prefix: string) => LinkProps
  readonly actionsAt: (prefix: string) => ReadonlySet<Action>
  /** The name of a file that is shown at once, as long as the address says so. */
  readonly show: string | undefined
  readonly onShown: () => void
}

/** A folder, and the tree of folders beside it where there is room and one wants it. */
export function FolderPage({ actionsAt, ...place }: FolderPageProps): ReactElement {
  const { bucket, prefix, root, rootName, linkTo } = place
  const [tree, setTree] = useRemembered('skycrate.tree', 'off')
  const hasRoom = useMediaQuery((theme) => theme.breakpoints.up('lg'))
  const canTree = hasRoom && actionsAt(root).has('list')
  const isTree = tree === 'on'
  return (
    <Box
      {...(canTree && isTree && { 'data-narrow': true })}
      sx={{ flex: 1, minHeight: 0, minWidth: 0, display: 'flex' }}
    >
      {canTree && isTree && (
        <Suspense fallback={null}>
          <FolderTree
            key={`${bucket}/${root}`}
            {...{ bucket, prefix, root, rootName, linkTo }}
            canWriteAt={(at) => actionsAt(at).has('write')}
          />
        </Suspense>
      )}
      <FileBrowser
        key={`${bucket}/${prefix}`}
        {...place}
        actions={actionsAt(prefix)}
        buttons={
          canTree && (
            <IconButton
              title="Folder tree"
              aria-label="Folder tree"
              aria-pressed={isTree}
              color={isTree ? 'primary' : 'default'}
              onClick={() => setTree(isTree ? 'off' : 'on')}
            >
              <AccountTreeOutlined />
            </IconButton>
          )
        }
      />
    </Box>
  )
}
