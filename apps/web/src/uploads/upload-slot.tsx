import { lazy, type ReactElement, Suspense } from 'react'
import { useUploads } from './use-uploads.ts'

const UploadPanel = lazy(() => import('./upload-panel.tsx').then((module) => ({ default: module.UploadPanel })))
const UploadConflict = lazy(() =>
  import('./upload-conflict.tsx').then((module) => ({ default: module.UploadConflict })),
)

/** Where uploads are shown; what shows them is fetched with the first. */
export function UploadSlot(): ReactElement | null {
  if (useUploads().length === 0) return null
  return (
    <Suspense fallback={null}>
      <UploadPanel />
      <UploadConflict />
    </Suspense>
  )
}
