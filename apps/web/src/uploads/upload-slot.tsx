import { lazy, type ReactElement, Suspense, useSyncExternalStore } from 'react'
import { useApp } from '../app/app-context.ts'

const UploadPanel = lazy(() => import('./upload-panel.tsx').then((module) => ({ default: module.UploadPanel })))
const UploadConflict = lazy(() =>
  import('./upload-conflict.tsx').then((module) => ({ default: module.UploadConflict })),
)

/** Where uploads are shown; what shows them is fetched with the first. */
export function UploadSlot(): ReactElement | null {
  const { uploads } = useApp()
  const isShown = useSyncExternalStore(uploads.subscribe, () => uploads.items().length > 0)
  if (!isShown) return null
  return (
    <Suspense fallback={null}>
      <UploadPanel />
      <UploadConflict />
    </Suspense>
  )
}
