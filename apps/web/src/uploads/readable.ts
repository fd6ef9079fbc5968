import { SkyCrateError } from '@skycrate/client/skycrate-error'

/** Whether the file is still there as it was chosen: the browser refuses to read one that changed since. */
export async function isReadable(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer()
    return true
  } catch {
    return false
  }
}

export const unreadable = (): SkyCrateError =>
  new SkyCrateError({
    code: 'transfer-failed',
    title: 'The file cannot be read',
    detail: 'It was changed, moved or deleted since it was chosen. Upload it again.',
    status: 400,
  })
