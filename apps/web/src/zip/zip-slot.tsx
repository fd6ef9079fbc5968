import { lazy, type ReactElement, Suspense, useSyncExternalStore } from 'react'
import { zipDownloads } from './zip-downloads.ts'

const ZipTray = lazy(() => import('./zip-tray.tsx').then((module) => ({ default: module.ZipTray })))

export function ZipSlot(): ReactElement | null {
  const items = useSyncExternalStore(zipDownloads.subscribe, zipDownloads.items)
  if (items.length === 0) return null
  return (
    <Suspense fallback={null}>
      <ZipTray items={items} />
    </Suspense>
  )
}
