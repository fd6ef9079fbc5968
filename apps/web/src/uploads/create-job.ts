import type { UploadJob } from './upload-job.ts'

type Given = Partial<UploadJob> & Pick<UploadJob, 'batch' | 'bucket' | 'prefix' | 'path'>

/** An upload that nothing was done for yet. */
export const createJob = (given: Given): UploadJob => ({
  // Not every address may use it: those without HTTPS that are not this machine.
  id: crypto.randomUUID?.() ?? String(Math.random()),
  kind: 'file',
  size: 0,
  type: '',
  lastModified: 0,
  createdAt: Date.now(),
  origin: undefined,
  file: undefined,
  replace: false,
  copy: 0,
  multipart: undefined,
  mayBeThere: false,
  state: 'waiting',
  waitsFor: undefined,
  sent: 0,
  error: undefined,
  stop: undefined,
  ...given,
})
