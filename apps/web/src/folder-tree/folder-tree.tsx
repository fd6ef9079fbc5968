import Box from '@mui/material/Box'
import type { LinkProps } from '@tanstack/react-router'
import { lazy, type FocusEvent, type ReactElement, Suspense, useEffect, useRef, useState } from 'react'
import type { Asking } from '../files/asking.ts'
import { crumbs } from '../files/crumbs.ts'
import { useFolderDrop } from '../files/use-folder-drop.ts'
import { useOperations } from '../files/use-operations.ts'
import { usePaste } from '../files/use-paste.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { createTypeAhead } from '../ui/type-ahead.ts'
import { keepOpenFolders, keptOpenFolders } from './open-folders.ts'
import { TreeContext } from './tree-context.ts'
import { TreeFolder } from './tree-folder.tsx'
import { onTreeKey } from './tree-keys.ts'

const TakenDialog = lazy(() => import('../files/taken-dialog.tsx').then((module) => ({ default: module.TakenDialog })))

interface FolderTreeProps {
  readonly bucket: string
  /** Where it begins, and what it is called there. */
  readonly root: string
  readonly rootName: string
  /** The folder that is shown beside it. */
  readonly prefix: string
  readonly linkTo: (prefix: string) => LinkProps
  readonly canWriteAt: (prefix: string) => boolean
}

/** The folders of a place, level by level as they are opened. */
export function FolderTree({ bucket, root, rootName, prefix, linkTo, canWriteAt }: FolderTreeProps): ReactElement {
  const [open, setOpen] = useState(() => keptOpenFolders(bucket))
  const [seen, setSeen] = useState<string>()
  const [taken, setTaken] = useState<Asking & { about: 'taken' }>()
  const [failed, setFailed] = useState<unknown>()
  const [typing] = useState(createTypeAhead)
  useEffect(() => keepOpenFolders(bucket, open), [bucket, open])
  // What lies around the folder that is shown is opened as one goes there, and may be closed again.
  if (seen !== prefix) {
    setSeen(prefix)
    const around = [root, ...crumbs(root, prefix).map((each) => each.prefix)].filter((each) => each !== prefix)
    setOpen(new Set([...open, root, ...around]))
  }
  const toggle = (at: string): void => {
    const next = new Set(open)
    if (!next.delete(at)) next.add(at)
    setOpen(next)
  }

  const operations = useOperations(bucket, prefix)
  const { drop } = usePaste({
    bucket,
    prefix,
    operations,
    onAsk: (asking) => {
      if (asking.about === 'taken') setTaken(asking)
    },
    onFailed: setFailed,
  })
  const dropping = useFolderDrop({
    onDrop: drop,
    folderAt(target) {
      const element = target.closest<HTMLElement>('[data-folder]')
      const to = element?.dataset['folder']
      return element && to !== undefined && canWriteAt(to) ? { place: { bucket, prefix: to }, element } : undefined
    },
  })

  const tree = useRef<HTMLUListElement>(null)
  const last = useRef<string>(undefined)
  const [hasFocus, setFocus] = useState(false)
  const itemOf = (at: string | undefined): HTMLElement | null =>
    at === undefined ? null : (tree.current?.querySelector<HTMLElement>(`[data-folder="${CSS.escape(at)}"]`) ?? null)
  const onFocus = ({ target, currentTarget }: FocusEvent<HTMLElement>): void => {
    setFocus(true)
    // One stop for Tab: the tree gives the focus to the folder that had it last, or to the one that is shown.
    if (target === currentTarget) (itemOf(last.current) ?? itemOf(prefix) ?? itemOf(root))?.focus()
    else last.current = target.closest<HTMLElement>('[data-folder]')?.dataset['folder']
  }
  return (
    <Box
      component="nav"
      aria-label="Folder tree"
      sx={{
        width: 264,
        flexShrink: 0,
        overflowY: 'auto',
        px: 1,
        py: 2.5,
        borderRight: 1,
        borderColor: 'divider',
        bgcolor: 'background.paper',
      }}
    >
      {failed !== undefined && (
        <Box sx={{ mb: 1 }}>
          <ProblemAlert error={failed} />
        </Box>
      )}
      <TreeContext value={{ bucket, shown: prefix, open, toggle, linkTo }}>
        <Box
          ref={tree}
          component="ul"
          role="tree"
          aria-label="Folders"
          tabIndex={hasFocus ? -1 : 0}
          {...dropping}
          onFocus={onFocus}
          onBlur={({ currentTarget, relatedTarget }) => {
            if (!currentTarget.contains(relatedTarget)) setFocus(false)
          }}
          onKeyDown={(event) =>
            onTreeKey(event, { typing, onToggle: (item) => toggle(item.dataset['folder'] ?? root) })
          }
          sx={{ m: 0, p: 0, outline: 'none' }}
        >
          <TreeFolder name={rootName} prefix={root} level={1} />
        </Box>
      </TreeContext>
      {taken && (
        <Suspense fallback={null}>
          <TakenDialog
            what={taken.what}
            onChoose={(how) => void taken.again(how).catch(setFailed)}
            onClose={() => setTaken(undefined)}
          />
        </Suspense>
      )}
    </Box>
  )
}
