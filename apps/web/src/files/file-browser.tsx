import CreateNewFolderOutlined from '@mui/icons-material/CreateNewFolderOutlined'
import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { LinkProps } from '@tanstack/react-router'
import { lazy, type MouseEvent, type ReactElement, type ReactNode, Suspense, useRef, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { useIsGuest } from '../app/guest-context.ts'
import { listingQuery } from '../data/queries.ts'
import { useRows } from '../data/use-rows.ts'
import { shownName } from '../format/shown-name.ts'
import { useStars } from '../starred/use-stars.ts'
import { LateMenu } from '../ui/late-menu.tsx'
import { Page } from '../ui/page.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { WideText } from '../ui/wide-text.tsx'
import { downloadZip } from '../zip/download-zip.ts'
import type { Action } from './actions-at.ts'
import type { Asking } from './asking.ts'
import { Breadcrumbs } from './breadcrumbs.tsx'
import { crumbs } from './crumbs.ts'
import { downloadFile } from './download-file.ts'
import { DropOverlay } from './drop-overlay.tsx'
import { EmptyFolder } from './empty-folder.tsx'
import { entriesOf, type Entry, type FileEntry, filesOf } from './entry.ts'
import { entryActions } from './entry-actions.tsx'
import { FilterButton } from './filter-button.tsx'
import type { EntryFilter } from './list-filter.tsx'
import { sortEntries, useFileSort } from './file-sort.ts'
import { entryKey, FileTable } from './file-table.tsx'
import { selectOnly } from './selection.ts'
import { SelectionBar } from './selection-bar.tsx'
import { shareKindsOf } from './share-kinds.ts'
import { whatOf } from './sources.ts'
import { UploadButtons } from './upload-buttons.tsx'
import { useDeletion } from './use-deletion.ts'
import { useFileDrop } from './use-file-drop.ts'
import { entryAt, useFileKeys, wantedAt, wantedOf } from './use-file-keys.ts'
import { useOperations } from './use-operations.ts'
import { usePaste } from './use-paste.ts'
import { useRowDrag } from './use-row-drag.ts'
import { useSelection } from './use-selection.ts'
import { useUploadOffer } from './use-upload-offer.ts'
import { useView, ViewButton } from './view-button.tsx'

// Not needed before somebody asks for them.
const FileDialogs = lazy(() => import('./file-dialogs.tsx').then((module) => ({ default: module.FileDialogs })))
const ListFilter = lazy(() => import('./list-filter.tsx').then((module) => ({ default: module.ListFilter })))
const FileGrid = lazy(() => import('./file-grid.tsx').then((module) => ({ default: module.FileGrid })))

interface FileBrowserProps {
  readonly bucket: string
  readonly prefix: string
  /** Where the breadcrumbs begin, and what they call it. */
  readonly root: string
  readonly rootName: string
  readonly linkTo: (prefix: string) => LinkProps
  readonly actions: ReadonlySet<Action>
  /** The name of a file that is shown at once, as long as the address says so. */
  readonly show: string | undefined
  readonly onShown: () => void
  /** Before those of the folder. */
  readonly buttons?: ReactNode
}

/** One folder: what is in it, and what its reader may do there. */
export function FileBrowser(props: FileBrowserProps): ReactElement {
  const { bucket, prefix, root, rootName, linkTo, actions, show, onShown, buttons } = props
  const { api } = useApp()
  const isGuest = useIsGuest()
  const { isStarred, setStar } = useStars(bucket)
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
  const entries = entriesOf(listing.data?.pages ?? [], prefix)
  const shown = show === undefined ? undefined : filesOf(entries).find(({ name }) => name === show)
  const [isFiltering, setFiltering] = useState(false)
  const [filter, setFilter] = useState<EntryFilter>()
  const sort = useFileSort(pages, filter !== undefined || (show !== undefined && !shown))
  const inSight = filter ? entries.filter(filter) : entries
  const list = { ...pages, rows: inSight }
  const path = crumbs(root, prefix)
  const folderName = path.at(-1)?.name ?? rootName

  const { selection, choose, clear, ofTable } = useSelection(inSight.map(entryKey))
  const selected = inSight.filter((entry) => selection.keys.has(entryKey(entry)))
  const close = (): void => {
    setAsking(undefined)
    if (show !== undefined) onShown()
  }

  const offer = useUploadOffer({ bucket, prefix }, entries, setFailed)
  const over = useFileDrop(canWrite, offer, setFailed)

  const download = (file: FileEntry): void => {
    setFailed(undefined)
    downloadFile(api, bucket, file.key, file.name).catch(setFailed)
  }

  const keepsVersions = listing.data?.pages[0]?.keepsVersions === true
  // What can be undone is done without a question.
  const canUndo = keepsVersions && canWrite
  const deleteEntries = useDeletion({ bucket, operations, canUndo, onAsk: setAsking, onFailed: setFailed })

  const downloadMany = (wanted: readonly Entry[]): void => {
    setFailed(undefined)
    const [only] = wanted
    if (wanted.length === 1 && only?.kind === 'file') return download(only)
    const name = (wanted.length === 1 ? only?.name : folderName) || 'files'
    downloadZip(api, { bucket, prefix, entries: wanted, name }).catch(setFailed)
  }

  const canMove = canRead && canWrite && canDelete
  const actionsFor = (wanted: readonly Entry[]) =>
    entryActions(wanted, {
      actions,
      isGuest,
      keepsVersions,
      isSelecting: selected.length > 0,
      isStarred,
      onAsk: setAsking,
      onDownload: downloadMany,
      onStar: (entry, starred) => void setStar(entry, starred).catch(setFailed),
      onDelete: deleteEntries,
    })
  const { clip, paste, drop } = usePaste({ bucket, prefix, operations, onAsk: setAsking, onFailed: setFailed })
  useFileKeys({
    entries,
    selected,
    onCopy: canRead && !isGuest ? clip('copy') : undefined,
    onCut: canMove ? clip('move') : undefined,
    onPaste: canWrite ? paste : undefined,
  })
  const drag = useRowDrag({
    place: { bucket, prefix },
    entries,
    selected,
    canCopy: canRead && !isGuest,
    canMove: canMove && !isGuest,
    onDrop: canWrite ? drop : undefined,
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

  const onEntryKey = (entry: Entry, key: string): boolean => {
    if (key === 'F2' && canMove) setAsking({ about: 'rename', entry })
    else if (key === 'Delete' && canDelete) deleteEntries(wantedOf(entry, selected))
    else return false
    return true
  }

  const dialog: Asking | undefined = asking ?? (shown && canRead ? { about: 'preview', file: shown } : undefined)
  const isGone = show !== undefined && !shown && !pages.hasMore && !pages.isPending && pages.error === null

  const content = useRef<HTMLDivElement>(null)
  const endFilter = (): void => {
    setFiltering(false)
    setFilter(undefined)
    focusFirst(content.current)
  }
  const empty = filter ? (
    <Typography color="textSecondary" sx={{ p: 4, textAlign: 'center' }}>
      Nothing in this folder matches the filter.
    </Typography>
  ) : (
    <EmptyFolder canList={canList} canWrite={canWrite} />
  )
  const shared = {
    label: `Files in ${folderName}`,
    list,
    sort,
    isStarred,
    linkTo,
    onOpen: canRead ? (file: FileEntry) => setAsking({ about: 'preview', file }) : undefined,
    actionsOf: (entry: Entry) => actionsFor([entry]),
    onEntryKey,
    empty,
  }
  return (
    <Page
      title={shownName(folderName)}
      heading={<Breadcrumbs rootName={rootName} rootPrefix={root} crumbs={path} linkTo={linkTo} />}
      actions={
        <Box sx={{ display: 'flex', gap: 1 }}>
          {canList && (
            <>
              {buttons}
              <FilterButton isOn={isFiltering} onChange={(isOn) => (isOn ? setFiltering(true) : endFilter())} />
              <ViewButton view={view} onChange={setView} />
            </>
          )}
          {canWrite && (
            <>
              <Button
                startIcon={<CreateNewFolderOutlined />}
                title="New folder"
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
      {isGone && (
        <Alert severity="info" onClose={onShown} sx={{ mb: 2, flexShrink: 0 }}>
          {show} is not here any more. It may have been moved, renamed or deleted.
        </Alert>
      )}
      {isFiltering && (
        <Suspense fallback={null}>
          <ListFilter
            shown={inSight.length}
            all={entries.length}
            isComplete={!pages.hasMore}
            onChange={(next) => setFilter(() => next)}
            onEnter={() => focusFirst(content.current)}
            onClose={endFilter}
          />
        </Suspense>
      )}
      {selected.length > 0 && <SelectionBar count={selected.length} actions={actionsFor(selected)} onClear={clear} />}
      {canList ? (
        <Box
          ref={content}
          {...drag}
          onContextMenu={openMenu}
          sx={{
            display: 'flex',
            flexDirection: 'column',
            minHeight: 0,
            ...(view === 'grid' && { flex: 1 }),
            '& [data-drop-target]': { outline: 2, outlineColor: 'primary.main', outlineOffset: -2, borderRadius: 1 },
          }}
        >
          {view === 'grid' ? (
            <Suspense fallback={null}>
              <FileGrid {...shared} bucket={bucket} selection={isGuest ? undefined : ofTable} />
            </Suspense>
          ) : (
            <FileTable
              {...shared}
              onDownload={canRead ? download : undefined}
              onDelete={canDelete ? (file) => deleteEntries([file]) : undefined}
              selection={ofTable}
            />
          )}
        </Box>
      ) : (
        empty
      )}
      {over && <DropOverlay folderName={folderName} />}
      {dialog?.about === 'menu' ? (
        <LateMenu
          label={`Actions for ${whatOf(dialog.entries)}`}
          anchor={dialog.at}
          actions={actionsFor(dialog.entries)}
          onClose={close}
        />
      ) : (
        dialog && (
          <Suspense fallback={null}>
            <FileDialogs
              asking={dialog}
              bucket={bucket}
              prefix={prefix}
              actions={actions}
              operations={operations}
              files={filesOf(sortEntries(inSight, sort.by))}
              canUndo={canUndo}
              shareKinds={(entry) => shareKindsOf(actions, entry)}
              onDownload={download}
              onFailed={setFailed}
              onClose={close}
            />
          </Suspense>
        )
      )}
    </Page>
  )
}

/** Focuses the first entry that is shown. */
function focusFirst(content: HTMLElement | null): void {
  content
    ?.querySelector<HTMLElement>('[data-index="0"] :is(a[href], button, div[tabindex="0"]):not([disabled])')
    ?.focus()
}
