import { useEffect, useRef } from 'react'
import { useApp } from '../app/app-context.ts'
import { counted } from '../format/counted.ts'
import type { UploadItem } from './upload-item.ts'

/** Milliseconds in which replaced files are told of together. */
const GATHER = 600

/** Offers to take back each upload that replaced a file: its version before becomes the current one again. */
export function useReplacementUndo(items: readonly UploadItem[]): void {
  const { api, refreshListings, toasts } = useApp()
  const told = useRef(new Set<string>())
  const gathered = useRef<UploadItem[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    const fresh = items.filter(({ id, state, replaced }) => replaced && state === 'done' && !told.current.has(id))
    if (fresh.length === 0) return
    for (const { id } of fresh) told.current.add(id)
    gathered.current.push(...fresh)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const replaced = gathered.current.splice(0)
      const what = replaced.length === 1 ? (replaced[0]?.name ?? '') : counted(replaced.length, 'file')
      toasts.show(`Replaced ${what}`, {
        undo: async () => {
          for (const { bucket, key } of replaced) {
            const { versions } = await api.listVersions(bucket, key, { limit: 20 })
            const before = versions.find(({ isLatest, isDeleteMarker }) => !isLatest && !isDeleteMarker)
            if (before) await api.restoreObject({ bucket, key, versionId: before.versionId })
            refreshListings(bucket, key)
          }
        },
      })
    }, GATHER)
  }, [items, api, refreshListings, toasts])
}
