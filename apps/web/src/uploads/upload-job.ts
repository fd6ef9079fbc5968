import { copyName } from './copy-name.ts'
import type { Origin } from './new-upload.ts'
import type { UploadItem, UploadState } from './upload-item.ts'

/** A multipart upload that was begun, and what the store has of it. */
export interface Multipart {
  readonly uploadId: string
  readonly partSize: number
  /** ETags by part number. Undefined where the store has to be asked. */
  parts: Map<number, string> | undefined
}

/** One upload, as the engine works on it. */
export interface UploadJob {
  readonly id: string
  /** A folder is a marker without bytes. */
  readonly kind: 'file' | 'folder'
  readonly bucket: string
  readonly prefix: string
  /** Below the prefix. */
  readonly path: string
  readonly size: number
  readonly type: string
  readonly lastModified: number
  readonly createdAt: number
  readonly origin: Origin | undefined
  /** What was added at once: a decision for all is one for these. */
  readonly batch: number
  /** Undefined after a reload, until it is opened again. */
  file: File | undefined
  /** Whether the person chose to replace what is there. */
  replace: boolean
  /** Of the name under which it is kept beside the other; 0 for its own. */
  copy: number
  multipart: Multipart | undefined
  /** An attempt ended without an answer: the file may be there already, and be this one. */
  mayBeThere: boolean
  state: UploadState
  waitsFor: UploadItem['waitsFor']
  sent: number
  error: unknown
  /** Ends what is under way for it. */
  stop: AbortController | undefined
}

export const nameOf = ({ path, copy }: UploadJob): string => (copy === 0 ? path : copyName(path, copy))

export const keyOf = (job: UploadJob): string => `${job.prefix}${nameOf(job)}${job.kind === 'folder' ? '/' : ''}`

export const itemOf = (job: UploadJob): UploadItem => ({
  id: job.id,
  name: nameOf(job),
  bucket: job.bucket,
  key: keyOf(job),
  size: job.size,
  sent: job.sent,
  state: job.state,
  waitsFor: job.waitsFor,
  replaced: job.replace,
  hasHandle: job.origin !== undefined,
  error: job.error,
})
