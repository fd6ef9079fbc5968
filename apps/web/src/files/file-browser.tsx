import ContentCopy from '@mui/icons-material/ContentCopyOutlined'
import CreateNewFolderOutlined from '@mui/icons-material/CreateNewFolderOutlined'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import DownloadOutlined from '@mui/icons-material/DownloadOutlined'
import DriveFileMoveOutlined from '@mui/icons-material/DriveFileMoveOutlined'
import DriveFileRenameOutline from '@mui/icons-material/DriveFileRenameOutlineOutlined'
import LinkOutlined from '@mui/icons-material/LinkOutlined'
import InfoOutlined from '@mui/icons-material/InfoOutlined'
import HistoryOutlined from '@mui/icons-material/HistoryOutlined'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { LinkProps } from '@tanstack/react-router'
import { lazy, type MouseEvent, type ReactElement, Suspense, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { useIsGuest } from '../app/guest-context.ts'
import { listingQuery } from '../data/queries.ts'
import { useRows } from '../data/use-rows.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { Page } from '../ui/page.tsx'
import { LateMenu } from '../ui/late-menu.tsx'
import type { RowAction } from '../ui/row-action.tsx'
import { WideText } from '../ui/wide-text.tsx'
import type { Chosen } from '../uploads/new-upload.ts'
import { takenKeys } from '../uploads/taken-keys.ts'
import { MAX_UPLOAD_BYTES } from '../uploads/uploads.ts'
import type { Action } from './actions-at.ts'
import { Breadcrumbs } from './breadcrumbs.tsx'
import { clipboard } from './clipboard.ts'
import { crumbs } from './crumbs.ts'
import { downloadFile } from './download-file.ts'
import { DropOverlay } from './drop-overlay.tsx'
import { EmptyFolder } from './empty-folder.tsx'
import { entriesOf, type Entry, type FileEntry, filesOf } from './entry.ts'
import { entryKey, FileTable } from './file-table.tsx'
import { sortEntries, useFileSort } from './file-sort.ts'
import { SelectionBar } from './selection-bar.tsx'
import { selectOnly } from './selection.ts'
import { useSelection } from './use-selection.ts'
import { sourcesOf, whatOf } from './sources.ts'
import { UploadButtons } from './upload-buttons.tsx'
import type { OnConflict } from './transfer-dialog.tsx'
import { useView, ViewButton } from './view-button.tsx'
import { useFileDrop } from './use-file-drop.ts'
import { entryAt, useFileKeys, wantedAt } from './use-file-keys.ts'
import { useOperations } from './use-operations.ts'
import { downloadZip } from '../zip/zip-downloads.ts'
import { useRowDrag } from './use-row-drag.ts'
import { shownName } from '../format/shown-name.ts'

// Not needed before somebody asks for them.
const DeleteManyDialog = lazy(() =>
  import('./delete-many-dialog.tsx').then((module) => ({ default: module.DeleteManyDialog })),
)
const DetailsDialog = lazy(() => import('./details-dialog.tsx').then((module) => ({ default: module.DetailsDialog })))
const FileGrid = lazy(() => import('./file-grid.tsx').then((module) => ({ default: module.FileGrid })))
const NameDialog = lazy(() => import('./name-dialog.tsx').then((module) => ({ default: module.NameDialog })))
const ShareDialog = lazy(() => import('../shares/share-dialog.tsx').then((module) => ({ default: module.ShareDialog })))
const TransferDialog = lazy(() =>
  import('./transfer-dialog.tsx').then((module) => ({ default: module.TransferDialog })),
)
const PreviewDialog = lazy(() =>
  import('../preview/preview-dialog.tsx').then((module) => ({ default: module.PreviewDialog })),
)
const TakenDialog = lazy(() => import('./taken-dialog.tsx').then((module) => ({ default: module.TakenDialog })))
const VersionsDialog = lazy(() =>
  import('./versions-dialog.tsx').then((module) => ({ default: module.VersionsDialog })),
)

interface FileBrowserProps {
  readonly bucket: string
  readonly prefix: string
  /** Where the breadcrumbs begin, and what they call it. */
  readonly root: string
  readonly rootName: string
  readonly linkTo: (prefix: string) => LinkProps
  readonly actions: ReadonlySet<Action>
}

/** What is asked about some entries. */
type Asking =
  | { readonly about: 'new-folder' }
  | { readonly about: 'rename' | 'share'; readonly entry: Entry }
  | { readonly about: 'versions'; readonly file: FileEntry }
  | { readonly about: 'preview' | 'details'; readonly file: FileEntry }
  | { readonly about: 'delete'; readonly entries: readonly Entry[] }
  | { readonly about: 'copy' | 'move'; readonly entries: readonly Entry[] }
  | { readonly about: 'taken'; readonly what: string; readonly again: (how: OnConflict) => Promise<void> }
  | {
      readonly about: 'menu'
      readonly at: { readonly left: number; readonly top: number }
      readonly entries: readonly Entry[]
    }

/** One folder: what is in it, and what its reader may do there. */
export function FileBrowser(props: FileBrowserProps): ReactElement {
  const { bucket, prefix, root, rootName, linkTo, actions } = props
  const { api, refreshListings, uploads, toasts } = useApp()
  const operations = useOperations(bucket, prefix)
  const [asking, setAsking] = useState<Asking>()
  const [failed, setFailed] = useState<unknown>()
  const [view, setView] = useView()

  const canList = actions.has('list')
  const canWrite = actions.has('write')
  const canDelete = actions.has('delete')
  const canRead = actions.has('read')
  const listing = useInfiniteQuery({ ...listingQuery(api, bucket, prefix), enabled: canList })
  const pages = useRows(listing, () => [])
  const sort = useFileSort(pages)
  const entries = entriesOf(listing.data?.pages ?? [], prefix)
  const path = crumbs(root, prefix)
  const folderName = path.at(-1)?.name ?? rootName

  const { selection, choose, clear, ofTable } = useSelection(entries.map(entryKey))
  const selected = entries.filter((entry) => selection.keys.has(entryKey(entry)))
  const close = (): void => setAsking(undefined)

  const offer = (chosen: Chosen): void => {
    const { emptyFolders, leftOut } = chosen
    if (leftOut.length > 0) toasts.show(leftOutNotice(leftOut))
    const files = chosen.files.filter(({ file }) => file.size <= MAX_UPLOAD_BYTES)
    if (files.length < chosen.files.length) {
      const tooLarge = chosen.files.find(({ file }) => file.size > MAX_UPLOAD_BYTES)
      toasts.show(
        `${tooLarge?.path} is larger than ${formatBytes(MAX_UPLOAD_BYTES)}, the most that one upload may have.`,
      )
    }
    const taken = takenKeys(entries.flatMap((entry) => (entry.kind === 'file' ? [entry.key] : [])))
    if (files.length + emptyFolders.length === 0) return
    uploads.add({ files, emptyFolders, leftOut }, bucket, prefix, taken).catch(setFailed)
  }
  const over = useFileDrop(canWrite, offer, setFailed)

  const download = (file: FileEntry): void => {
    setFailed(undefined)
    downloadFile(api, bucket, file.key, file.name).catch(setFailed)
  }

  const keepsVersions = listing.data?.pages[0]?.keepsVersions === true
  // What can be undone is done without a question.
  const canUndo = keepsVersions && canWrite
  const removeFile = async ({ key, name }: FileEntry): Promise<void> => {
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
  const askOrRemove = (wanted: readonly Entry[]): void => {
    const [only] = wanted
    const plain = wanted.every(({ kind }) => kind === 'file')
    if (!canUndo || !plain) return setAsking({ about: 'delete', entries: wanted })
    const removed = wanted.length === 1 && only?.kind === 'file' ? removeFile(only) : operations.remove(wanted, true)
    removed.catch(setFailed)
  }

  const downloadMany = (wanted: readonly Entry[]): void => {
    setFailed(undefined)
    const [only] = wanted
    if (wanted.length === 1 && only?.kind === 'file') return download(only)
    const name = (wanted.length === 1 ? only?.name : folderName) || 'files'
    downloadZip(api, { bucket, prefix, entries: wanted, name }).catch(setFailed)
  }

  const canMove = canRead && canWrite && canDelete
  const isGuest = useIsGuest()
  /** What a link can let strangers do: no more than the person may do. */
  const shareKinds = (entry: Entry): ('download' | 'upload')[] => [
    ...(canRead && (canList || entry.kind === 'file') ? (['download'] as const) : []),
    ...(canWrite && entry.kind === 'folder' ? (['upload'] as const) : []),
  ]
  /** What can be done with some entries, for the menu of one and the bar above the table. */
  const actionsFor = (wanted: readonly Entry[]): RowAction[] => {
    // What guests may do with a file stands in its row.
    if (isGuest) return []
    const [only] = wanted
    const one = wanted.length === 1 ? only : undefined
    const ask = (about: 'copy' | 'move') => () => setAsking({ about, entries: wanted })
    return [
      ...(one && shareKinds(one).length > 0
        ? [{ label: 'Share', icon: <LinkOutlined />, onSelect: () => setAsking({ about: 'share', entry: one }) }]
        : []),
      ...(canRead && (one?.kind !== 'file' || selected.length > 0)
        ? [{ label: 'Download', icon: <DownloadOutlined />, onSelect: () => downloadMany(wanted) }]
        : []),
      ...(one && canMove
        ? [
            {
              label: 'Rename',
              icon: <DriveFileRenameOutline />,
              onSelect: () => setAsking({ about: 'rename', entry: one }),
            },
          ]
        : []),
      ...(canMove ? [{ label: 'Move', icon: <DriveFileMoveOutlined />, onSelect: ask('move') }] : []),
      ...(canRead ? [{ label: 'Copy', icon: <ContentCopy />, onSelect: ask('copy') }] : []),
      ...(one?.kind === 'file' && keepsVersions && canRead
        ? [
            {
              label: 'Versions',
              icon: <HistoryOutlined />,
              onSelect: () => setAsking({ about: 'versions' as const, file: one }),
            },
          ]
        : []),
      ...(one?.kind === 'file'
        ? [{ label: 'Details', icon: <InfoOutlined />, onSelect: () => setAsking({ about: 'details', file: one }) }]
        : []),
      ...(canDelete
        ? [
            {
              label: 'Delete',
              icon: <DeleteOutlined />,
              destructive: true,
              onSelect: () => askOrRemove(wanted),
            },
          ]
        : []),
    ]
  }

  /** Does what may meet a name that is taken, and asks then. */
  const attempt = (what: string, work: (how?: OnConflict) => Promise<void>): void => {
    setFailed(undefined)
    work().catch((error: unknown) => {
      const isTaken = error instanceof SkyCrateError && error.code === 'precondition-failed'
      if (!isTaken) return setFailed(error)
      setAsking({ about: 'taken', what, again: work })
    })
  }
  const clip = (kind: 'copy' | 'move') => (wanted: readonly Entry[]) => {
    const what = whatOf(wanted)
    clipboard.set({ kind, from: { bucket, prefix }, sources: sourcesOf(wanted), what })
    toasts.show(`${kind === 'copy' ? 'Copied' : 'Cut'} ${what}. Paste with Ctrl+V in another folder.`)
  }
  const paste = (): void => {
    const clipped = clipboard.get()
    if (!clipped) return
    const { kind, from } = clipped
    const isHere = from.bucket === bucket && from.prefix === prefix
    if (isHere && kind === 'move') return
    if (kind === 'move') clipboard.set(undefined)
    attempt(clipped.what, (how) => operations.paste(clipped, how ?? (isHere ? 'keep-both' : undefined)))
  }
  useFileKeys({
    entries,
    selected,
    onCopy: canRead && !isGuest ? clip('copy') : undefined,
    onCut: canMove ? clip('move') : undefined,
    onPaste: canWrite ? paste : undefined,
  })
  const drag = useRowDrag({
    entries,
    selected,
    onMove: (kind, wanted, to) => {
      if (kind === 'copy' ? canRead && canWrite : canMove) {
        attempt(whatOf(wanted), (how) => operations.transfer(kind, wanted, { bucket, prefix: to.prefix }, how))
      }
    },
  })
  const openMenu = (event: MouseEvent<HTMLElement>): void => {
    const entry = isGuest ? undefined : entryAt(event.target, entries)
    if (!entry || !(event.target instanceof Element)) return
    event.preventDefault()
    const wanted = wantedAt(event.target, entries, selected)
    if (wanted.length === 1) choose(selectOnly(entryKey(entry)))
    // A key opens it without a place of its own; and it gives the focus back to the row.
    const row = event.target.closest('[data-key]')
    row?.querySelector<HTMLElement>('a[href], button, [tabindex="0"]')?.focus()
    const box = event.target.getBoundingClientRect()
    const at = event.button === 2 ? { left: event.clientX, top: event.clientY } : { left: box.left, top: box.bottom }
    setAsking({ about: 'menu', at, entries: wanted })
  }

  const empty = <EmptyFolder canList={canList} canWrite={canWrite} />
  return (
    <Page
      title={shownName(folderName)}
      heading={<Breadcrumbs rootName={rootName} rootPrefix={root} crumbs={path} linkTo={linkTo} />}
      actions={
        <Box sx={{ display: 'flex', gap: 1 }}>
          {canList && <ViewButton view={view} onChange={setView} />}
          {canWrite && (
            <>
              <Button
                startIcon={<CreateNewFolderOutlined />}
                aria-label="New folder"
                onClick={() => setAsking({ about: 'new-folder' })}
              >
                <WideText>New folder</WideText>
              </Button>
              <UploadButtons onChosen={offer} onFailed={setFailed} />
            </>
          )}
        </Box>
      }
    >
      {failed !== undefined && (
        <Box sx={{ mb: 2, flexShrink: 0 }}>
          <ProblemAlert error={failed} />
        </Box>
      )}
      {selected.length > 0 && <SelectionBar count={selected.length} actions={actionsFor(selected)} onClear={clear} />}
      {canList && view === 'grid' ? (
        <Suspense fallback={null}>
          <FileGrid
            label={`Files in ${folderName}`}
            bucket={bucket}
            list={{ ...pages, rows: entries }}
            sort={sort}
            linkTo={linkTo}
            onOpen={canRead ? (file) => setAsking({ about: 'preview', file }) : undefined}
            actionsOf={(entry) => actionsFor([entry])}
            selected={selection.keys}
            onToggle={(key, order) => ofTable.onSelect('toggle', key, order)}
            onClear={clear}
            empty={empty}
          />
        </Suspense>
      ) : canList ? (
        <Box
          {...drag}
          onContextMenu={openMenu}
          sx={{
            display: 'flex',
            flexDirection: 'column',
            minHeight: 0,
            '& [data-drop-target]': { outline: 2, outlineColor: 'primary.main', outlineOffset: -2, borderRadius: 1 },
          }}
        >
          <FileTable
            label={`Files in ${folderName}`}
            list={{ ...pages, rows: entries }}
            linkTo={linkTo}
            sort={sort}
            onOpen={canRead ? (file) => setAsking({ about: 'preview', file }) : undefined}
            onDownload={canRead ? download : undefined}
            onDelete={canDelete ? (file) => askOrRemove([file]) : undefined}
            selection={ofTable}
            actionsOf={(entry) => actionsFor([entry])}
            onRename={canMove ? (entry) => setAsking({ about: 'rename', entry }) : undefined}
            onDeleteKey={
              canDelete
                ? (entry) =>
                    askOrRemove(selected.some((each) => entryKey(each) === entryKey(entry)) ? selected : [entry])
                : undefined
            }
            empty={empty}
          />
        </Box>
      ) : (
        empty
      )}
      {over && <DropOverlay folderName={folderName} />}
      <Suspense fallback={null}>
        {asking?.about === 'new-folder' && (
          <NameDialog
            title="New folder"
            submitLabel="Create"
            initial=""
            onSubmit={(name) => operations.createFolder(name)}
            onClose={close}
          />
        )}
        {asking?.about === 'rename' && (
          <NameDialog
            title={`Rename ${asking.entry.name}`}
            submitLabel="Rename"
            initial={asking.entry.name}
            onSubmit={(name) => operations.rename(asking.entry, name)}
            onClose={close}
          />
        )}
        {asking?.about === 'share' && (
          <ShareDialog bucket={bucket} entry={asking.entry} kinds={shareKinds(asking.entry)} onClose={close} />
        )}
        {(asking?.about === 'copy' || asking?.about === 'move') && (
          <TransferDialog
            kind={asking.about}
            what={whatOf(asking.entries)}
            start={{ bucket, prefix }}
            onChoose={(to, onConflict) => operations.transfer(asking.about, asking.entries, to, onConflict)}
            onClose={close}
          />
        )}
        {asking?.about === 'details' && (
          <DetailsDialog bucket={bucket} file={asking.file} canRead={canRead} onClose={close} />
        )}
        {asking?.about === 'preview' && (
          <PreviewDialog
            bucket={bucket}
            files={filesOf(sortEntries(entries, sort.by))}
            start={asking.file}
            onDownload={download}
            onClose={close}
          />
        )}
        {asking?.about === 'taken' && (
          <TakenDialog what={asking.what} onChoose={(how) => void asking.again(how).catch(setFailed)} onClose={close} />
        )}
        {asking?.about === 'menu' && (
          <LateMenu
            label={`Actions for ${whatOf(asking.entries)}`}
            anchor={asking.at}
            actions={actionsFor(asking.entries)}
            onClose={close}
          />
        )}
        {asking?.about === 'versions' && (
          <VersionsDialog bucket={bucket} file={asking.file} actions={actions} onClose={close} />
        )}
        {asking?.about === 'delete' && (
          <DeleteManyDialog
            bucket={bucket}
            sources={sourcesOf(asking.entries)}
            what={whatOf(asking.entries)}
            keepsVersions={canUndo}
            onConfirm={() => operations.remove(asking.entries, canUndo)}
            onClose={close}
          />
        )}
      </Suspense>
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
