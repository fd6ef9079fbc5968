import { useSyncExternalStore } from 'react'
import { useApp } from '../app/app-context.ts'
import type { UploadItem } from './upload-item.ts'

export function useUploads(): readonly UploadItem[] {
  const {
    uploads: { subscribe, items },
  } = useApp()
  return useSyncExternalStore(subscribe, items)
}
