import { getDroppedFiles } from '@uppy/core/utils'
import type { NewUpload } from './uploads.ts'

/** The files of a drop, those in dropped folders under their paths. */
export async function droppedFiles(data: DataTransfer): Promise<NewUpload[]> {
  const files = await getDroppedFiles(data)
  return files.map((file) => {
    const { relativePath } = file as File & { relativePath?: string | null }
    return { file, path: relativePath ? relativePath.replace(/^\/+/, '') : file.name }
  })
}
