import type { Origin } from './new-upload.ts'

/** Of the browsers that give handles. */
interface Permitted {
  queryPermission?(how: { readonly mode: 'read' }): Promise<PermissionState>
  requestPermission?(how: { readonly mode: 'read' }): Promise<PermissionState>
}

/**
 * Opens a file again by its kept handle.
 * @param ask whether the person may be asked to allow it, which the browser lets pages do after a click
 * @returns undefined where it may not be read, or is gone
 */
export async function openAgain({ handle, within }: Origin, ask: boolean): Promise<File | undefined> {
  try {
    const permitted: Permitted = handle as FileSystemHandle & Permitted
    const how = { mode: 'read' } as const
    const state = await (ask ? permitted.requestPermission?.(how) : permitted.queryPermission?.(how))
    if (state !== 'granted') return undefined
    let folder = handle
    for (const [index, name] of within.entries()) {
      const inside = folder as FileSystemDirectoryHandle
      folder = index < within.length - 1 ? await inside.getDirectoryHandle(name) : await inside.getFileHandle(name)
    }
    return await (folder as FileSystemFileHandle).getFile()
  } catch {
    return undefined
  }
}
