import type { UploadJob } from './upload-job.ts'

/** Whether a file is the one that was chosen for an upload, and unchanged since. */
export const fits = (job: UploadJob, file: File): boolean =>
  job.size === file.size && job.lastModified === file.lastModified

/** Finds, of files that are chosen again, which interrupted uploads they belong to. */
export function matchInterrupted(
  jobs: Iterable<UploadJob>,
  files: readonly File[],
): { readonly job: UploadJob; readonly file: File }[] {
  const open = new Set([...jobs].filter(({ state }) => state === 'interrupted'))
  const matched: { readonly job: UploadJob; readonly file: File }[] = []
  for (const file of files) {
    const path = (file.webkitRelativePath || file.name).normalize('NFC')
    const name = path.slice(path.lastIndexOf('/') + 1)
    const same = [...open].filter((job) => fits(job, file))
    const job = same.find((each) => each.path === path) ?? same.find((each) => each.path.split('/').at(-1) === name)
    if (!job) continue
    open.delete(job)
    matched.push({ job, file })
  }
  return matched
}
