import type { Me } from '@skycrate/contract/auth/schemas'
import { useEffect } from 'react'
import { useApp } from '../app/app-context.ts'
import { PAGES } from '../app/pages.ts'

/** What pages show only when it is asked for. */
const LATER = [
  () => import('../ui/action-menu.tsx'),
  () => import('./page-drawer.tsx'),
  () => import('../preview/preview-dialog.tsx'),
  () => import('../search/search-dialog.tsx'),
  () => import('../zip/start-zip.ts'),
  () => import('../ui/toast-bar.tsx'),
  () => import('../uploads/upload-panel.tsx'),
  () => import('../uploads/picked-files.ts'),
  () => import('../uploads/dropped-files.ts'),
  () => import('./sign-out-dialog.tsx'),
  () => import('../uploads/upload-conflict.tsx'),
  () => import('../jobs/job-tray.tsx'),
  () => import('../files/entry-icon.tsx'),
  () => import('../files/file-dialogs.tsx'),
  () => import('../files/file-grid.tsx'),
  () => import('../files/list-filter.tsx'),
  () => import('../files/name-dialog.tsx'),
  () => import('../files/details-dialog.tsx'),
  () => import('../files/transfer-dialog.tsx'),
  () => import('../files/delete-many-dialog.tsx'),
  () => import('../files/versions-dialog.tsx'),
  () => import('../shares/share-dialog.tsx'),
  () => import('../files/taken-dialog.tsx'),
]

/** Milliseconds between two looks at whether the first page has what it needs. */
const LOOK = 2_000

/**
 * Fetches the scripts of the other pages once the first one stands, so that they open at once, and open at all while the
 * server is away. Their data is not fetched: the audit log would tell of what nobody looked at.
 */
export function usePreloadedPages({ isAdmin }: Me): void {
  const { queries, uploads } = useApp()
  useEffect(() => {
    const timer = setInterval(() => {
      if (queries.isFetching() > 0) return
      clearInterval(timer)
      uploads.prepare()
      for (const load of LATER) load().catch(() => undefined)
      for (const { audience, component } of PAGES) {
        if (audience !== 'admin' || isAdmin) void component.preload?.()
      }
    }, LOOK)
    return () => clearInterval(timer)
  }, [isAdmin, queries, uploads])
}
