import { useApp } from '../app/app-context.ts'
import { formatBytes } from '../format/format-bytes.ts'
import type { Chosen } from '../uploads/new-upload.ts'
import { takenKeys } from '../uploads/taken-keys.ts'
import { MAX_UPLOAD_BYTES } from '../uploads/uploads.ts'
import { type Entry, filesOf } from './entry.ts'

/** Uploads what was chosen into a folder, and says what was left out. @param entries what is there */
export function useUploadOffer(
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
  entries: readonly Entry[],
  onFailed: (error: unknown) => void,
): (chosen: Chosen) => void {
  const { uploads, toasts } = useApp()
  return (chosen) => {
    const { emptyFolders, leftOut } = chosen
    if (leftOut.length > 0) toasts.show(leftOutNotice(leftOut))
    const files = chosen.files.filter(({ file }) => file.size <= MAX_UPLOAD_BYTES)
    if (files.length < chosen.files.length) {
      const tooLarge = chosen.files.find(({ file }) => file.size > MAX_UPLOAD_BYTES)
      toasts.show(
        `${tooLarge?.path} is larger than ${formatBytes(MAX_UPLOAD_BYTES)}, the most that one upload may have.`,
      )
    }
    if (files.length + emptyFolders.length === 0) return
    const taken = takenKeys(filesOf(entries).map(({ key }) => key))
    uploads.add({ files, emptyFolders, leftOut }, bucket, prefix, taken).catch(onFailed)
  }
}

/** `.DS_Store`, told as it is written; the carriage return at the end of `Icon` is not. */
function leftOutNotice(names: readonly string[]): string {
  const different = [...new Set(names.map((name) => name.trim()))].join(', ')
  return names.length === 1
    ? `Left out ${different}, which your system keeps for itself.`
    : `Left out ${names.length} files that your system keeps for itself: ${different}.`
}
