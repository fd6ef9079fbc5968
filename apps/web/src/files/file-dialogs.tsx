import { lazy, type ReactElement, Suspense } from 'react'
import type { Action } from './actions-at.ts'
import type { Asking } from './asking.ts'
import type { Entry, FileEntry } from './entry.ts'
import type { ShareKind } from './share-kinds.ts'
import { sourcesOf, whatOf } from './sources.ts'
import type { FileOperations } from './use-operations.ts'

const ClassDialog = lazy(() =>
  import('../storage/class-dialog.tsx').then((module) => ({ default: module.ClassDialog })),
)
const DeleteManyDialog = lazy(() =>
  import('./delete-many-dialog.tsx').then((module) => ({ default: module.DeleteManyDialog })),
)
const DetailsDialog = lazy(() => import('./details-dialog.tsx').then((module) => ({ default: module.DetailsDialog })))
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

interface FileDialogsProps {
  readonly asking: Exclude<Asking, { about: 'menu' }>
  readonly bucket: string
  readonly prefix: string
  readonly actions: ReadonlySet<Action>
  readonly operations: FileOperations
  /** The files of the folder, in the order in which they are shown. */
  readonly files: readonly FileEntry[]
  /** Whether a deletion can be taken back. */
  readonly canUndo: boolean
  readonly shareKinds: (entry: Entry) => ShareKind[]
  readonly onDownload: (file: FileEntry) => void
  readonly onFailed: (error: unknown) => void
  readonly onClose: () => void
}

/** The dialog of what is asked; each is fetched when it is. */
export function FileDialogs(props: FileDialogsProps): ReactElement {
  return (
    <Suspense fallback={null}>
      <AskingDialog {...props} />
    </Suspense>
  )
}

function AskingDialog(props: FileDialogsProps): ReactElement {
  const { asking, bucket, prefix, actions, operations, files, canUndo, shareKinds, onDownload, onFailed, onClose } =
    props
  switch (asking.about) {
    case 'new-folder':
      return (
        <NameDialog
          title="New folder"
          submitLabel="Create"
          initial=""
          onSubmit={(name) => operations.createFolder(name)}
          onClose={onClose}
        />
      )
    case 'rename':
      return (
        <NameDialog
          title={`Rename ${asking.entry.name}`}
          submitLabel="Rename"
          initial={asking.entry.name}
          onSubmit={(name) => operations.rename(asking.entry, name)}
          onClose={onClose}
        />
      )
    case 'share':
      return <ShareDialog bucket={bucket} entry={asking.entry} kinds={shareKinds(asking.entry)} onClose={onClose} />
    case 'class':
      return <ClassDialog bucket={bucket} entry={asking.entry} onClose={onClose} />
    case 'copy':
    case 'move':
      return (
        <TransferDialog
          kind={asking.about}
          what={whatOf(asking.entries)}
          start={{ bucket, prefix }}
          onChoose={(to, onConflict) => operations.transfer(asking.about, asking.entries, to, onConflict)}
          onClose={onClose}
        />
      )
    case 'details':
      return <DetailsDialog bucket={bucket} file={asking.file} actions={actions} onClose={onClose} />
    case 'preview':
      return (
        <PreviewDialog bucket={bucket} files={files} start={asking.file} onDownload={onDownload} onClose={onClose} />
      )
    case 'taken':
      return (
        <TakenDialog what={asking.what} onChoose={(how) => void asking.again(how).catch(onFailed)} onClose={onClose} />
      )
    case 'versions':
      return <VersionsDialog bucket={bucket} file={asking.file} actions={actions} onClose={onClose} />
    case 'delete':
      return (
        <DeleteManyDialog
          bucket={bucket}
          sources={sourcesOf(asking.entries)}
          what={whatOf(asking.entries)}
          keepsVersions={canUndo}
          onConfirm={() => operations.remove(asking.entries, canUndo)}
          onClose={onClose}
        />
      )
  }
}
