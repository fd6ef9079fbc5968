import { useSyncExternalStore } from 'react'
import { useApp } from '../app/app-context.ts'
import type { UploadsView } from './upload-item.ts'

export function useUploads(): UploadsView {
  const {
    uploads: { subscribe, view },
  } = useApp()
  return useSyncExternalStore(subscribe, view)
}
