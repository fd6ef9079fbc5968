import Box from '@mui/material/Box'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { LinkProps } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { listingQuery } from '../data/queries.ts'
import { useRows } from '../data/use-rows.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { Page } from '../ui/page.tsx'
import type { NewUpload } from '../uploads/new-upload.ts'
import { takenKeys } from '../uploads/taken-keys.ts'
import { MAX_UPLOAD_BYTES } from '../uploads/uploads.ts'
import type { Action } from './actions-at.ts'
import { Breadcrumbs } from './breadcrumbs.tsx'
import { crumbs } from './crumbs.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { downloadFile } from './download-file.ts'
import { DropOverlay } from './drop-overlay.tsx'
import { EmptyFolder } from './empty-folder.tsx'
import { entriesOf, type FileEntry } from './entry.ts'
import { FileTable } from './file-table.tsx'
import { UploadButton } from './upload-button.tsx'
import { useFileDrop } from './use-file-drop.ts'
import { VersionsDialog } from './versions-dialog.tsx'

interface FileBrowserProps {
  readonly bucket: string
  readonly prefix: string
  /** Where the breadcrumbs begin, and what they call it. */
  readonly root: string
  readonly rootName: string
  readonly linkTo: (prefix: string) => LinkProps
  readonly actions: ReadonlySet<Action>
}

/** One folder: what is in it, and what its reader may do there. */
export function FileBrowser(props: FileBrowserProps): ReactElement {
  const { bucket, prefix, root, rootName, linkTo, actions } = props
  const { api, refreshListings, uploads, toasts } = useApp()
  const [deleting, setDeleting] = useState<FileEntry>()
  const [versionsOf, setVersionsOf] = useState<FileEntry>()
  const [failed, setFailed] = useState<unknown>()

  const canList = actions.has('list')
  const canWrite = actions.has('write')
  const listing = useInfiniteQuery({ ...listingQuery(api, bucket, prefix), enabled: canList })
  const pages = useRows(listing, () => [])
  const entries = entriesOf(listing.data?.pages ?? [], prefix)
  const path = crumbs(root, prefix)
  const folderName = path.at(-1)?.name ?? rootName

  const offer = (files: readonly NewUpload[]): void => {
    const fit = files.filter(({ file }) => file.size <= MAX_UPLOAD_BYTES)
    if (fit.length < files.length) {
      const [tooLarge] = files.filter(({ file }) => file.size > MAX_UPLOAD_BYTES)
      toasts.show(
        `${tooLarge?.path} is larger than ${formatBytes(MAX_UPLOAD_BYTES)}, the most that one upload may have.`,
      )
    }
    const taken = takenKeys(entries.flatMap((entry) => (entry.kind === 'file' ? [entry.key] : [])))
    if (fit.length > 0) uploads.add(fit, bucket, prefix, taken).catch(setFailed)
  }
  const over = useFileDrop(canWrite, ({ files, leftOut }) => {
    if (leftOut.length > 0) toasts.show(leftOutNotice(leftOut))
    offer(files)
  })

  const download = (file: FileEntry): void => {
    setFailed(undefined)
    downloadFile(api, bucket, file.key, file.name).catch(setFailed)
  }

  const keepsVersions = listing.data?.pages[0]?.keepsVersions === true
  // What can be undone is done without a question.
  const canUndo = keepsVersions && canWrite
  const remove = async ({ key, name }: FileEntry): Promise<void> => {
    setFailed(undefined)
    await api.deleteObject(bucket, key)
    refreshListings(bucket, key)
    toasts.show(`Deleted ${name}`, {
      undo: async () => {
        await api.restoreObject({ bucket, key })
        refreshListings(bucket, key)
      },
    })
  }
  const askOrRemove = canUndo ? (file: FileEntry) => void remove(file).catch(setFailed) : setDeleting

  const empty = <EmptyFolder canList={canList} canWrite={canWrite} />
  return (
    <Page
      title={folderName || '(no name)'}
      heading={<Breadcrumbs rootName={rootName} rootPrefix={root} crumbs={path} linkTo={linkTo} />}
      actions={canWrite && <UploadButton onFiles={offer} />}
    >
      {failed !== undefined && (
        <Box sx={{ mb: 2, flexShrink: 0 }}>
          <ProblemAlert error={failed} />
        </Box>
      )}
      {canList ? (
        <FileTable
          label={`Files in ${folderName}`}
          list={{ ...pages, rows: entries }}
          linkTo={linkTo}
          onDownload={actions.has('read') ? download : undefined}
          onDelete={actions.has('delete') ? askOrRemove : undefined}
          onVersions={keepsVersions && actions.has('read') ? setVersionsOf : undefined}
          empty={empty}
        />
      ) : (
        empty
      )}
      {over && <DropOverlay folderName={folderName} />}
      {versionsOf && (
        <VersionsDialog bucket={bucket} file={versionsOf} actions={actions} onClose={() => setVersionsOf(undefined)} />
      )}
      {deleting && <DeleteDialog bucket={bucket} file={deleting} onClose={() => setDeleting(undefined)} />}
    </Page>
  )
}

/** `.DS_Store`, told as it is written; the carriage return at the end of `Icon` is not. */
function leftOutNotice(names: readonly string[]): string {
  const different = [...new Set(names.map((name) => name.trim()))].join(', ')
  return names.length === 1
    ? `Left out ${different}, which your system keeps for itself.`
    : `Left out ${names.length} files that your system keeps for itself: ${different}.`
}
