import type { UploadJob } from './upload-job.ts'

/** Whether a file may be the one of an earlier upload: it has the same size and time of change. */
export const fits = (job: UploadJob, file: File): boolean =>
  job.size === file.size && job.lastModified === file.lastModified

/** Finds, of files that are chosen again, which interrupted uploads they belong to: by their paths, or by their names. */
export function matchInterrupted(
  jobs: Iterable<UploadJob>,
  files: readonly File[],
): { readonly job: UploadJob; readonly file: File }[] {
  const [byPath, byName] = [new Map<string, UploadJob[]>(), new Map<string, UploadJob[]>()]
  const open = new Set<UploadJob>()
  for (const job of jobs) {
    if (job.state !== 'interrupted') continue
    open.add(job)
    append(byPath, like(job, job.path), job)
    append(byName, like(job, lastOf(job.path)), job)
  }
  const take = (candidates: UploadJob[] = []): UploadJob | undefined => {
    for (let job = candidates.shift(); job; job = candidates.shift()) if (open.delete(job)) return job
    return undefined
  }
  return files.flatMap((file) => {
    const path = (file.webkitRelativePath || file.name).normalize('NFC')
    const job = take(byPath.get(like(file, path))) ?? take(byName.get(like(file, lastOf(path))))
    return job ? [{ job, file }] : []
  })
}

/** Two files are taken for the same where this is the same. */
const like = ({ size, lastModified }: UploadJob | File, name: string): string => `${size}/${lastModified}/${name}`

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function append(to: Map<string, UploadJob[]>, key: string, job: UploadJob): void {
  const found = to.get(key)
  if (found) found.push(job)
  else to.set(key, [job])
}
