import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { SkyCrateClient } from '@skycrate/client/client'
import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'

/** S3's limit for one PUT. */
export const MAX_UPLOAD_BYTES = 5_368_709_120

/** Files on the way at once. */
const AT_ONCE = 4

/** Milliseconds between two tellings of progress. */
const TELL_EVERY = 100

export interface UploadItem {
  readonly id: string
  readonly name: string
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly sent: number
  readonly state: 'waiting' | 'sending' | 'done' | 'failed'
  /** Set where it failed. */
  readonly error: unknown
}

export interface NewUpload {
  readonly file: File
  /** Below the folder it goes to: a file's name, or a path where a folder was dropped. */
  readonly path: string
}

export interface Uploads {
  readonly subscribe: (listener: () => void) => () => void
  /** The same array until something changes. */
  readonly items: () => readonly UploadItem[]
  add(files: readonly NewUpload[], bucket: string, prefix: string): void
  cancel(id: string): void
  retry(id: string): void
  /** Ends what is under way and forgets the rest. */
  readonly cancelAll: () => void
}

interface Meta {
  [name: string]: unknown
  bucket: string
  key: string
  path: string
  /** Part of Uppy's id of a file. Counted, because its own ids take `A.txt` and `a.txt` for the same. */
  relativePath: string
}

type Body = Record<string, never>

/**
 * Uploads outlive the page they were started on. The bytes go straight to S3 with a URL that is vended for just that
 * key, type and size when its turn comes, so that it does not end while waiting.
 */
export function createUploads(api: SkyCrateClient, onUploaded: (bucket: string, key: string) => void): Uploads {
  const uppy = new Uppy<Meta, Body>({ autoProceed: true })
  const problems = new Map<string, unknown>()
  const listeners = new Set<() => void>()
  let count = 0
  let cached: readonly UploadItem[] = []
  let telling: ReturnType<typeof setTimeout> | undefined

  uppy.use(AwsS3, {
    limit: AT_ONCE,
    shouldUseMultipart: false,
    // Uppy hands on a key and nothing else of the file; its id finds the rest.
    generateObjectKey: (file) => file.id,
    async signRequest({ key: id }) {
      const { meta, type, size } = uppy.getFile(id)
      const contentLength = size ?? 0
      try {
        const { url, headers } = await api.presignedUrl({
          bucket: meta.bucket,
          key: meta.key,
          operation: 'put',
          contentType: type || 'application/octet-stream',
          contentLength,
        })
        // A page may not set these; the browser does, to the values that were signed.
        const { host: _host, 'content-length': _length, ...own } = lowerCased(headers)
        return { url, headers: own }
      } catch (error) {
        problems.set(id, error)
        throw error
      }
    },
  })

  const tell = (): void => {
    telling = undefined
    cached = uppy.getFiles().map((file) => ({
      id: file.id,
      name: file.meta.path,
      bucket: file.meta.bucket,
      key: file.meta.key,
      size: file.size ?? 0,
      sent: file.progress.bytesUploaded || 0,
      state: file.progress.uploadComplete
        ? 'done'
        : file.error
          ? 'failed'
          : file.progress.uploadStarted
            ? 'sending'
            : 'waiting',
      error: file.error ? (problems.get(file.id) ?? brokenTransfer(file.error)) : undefined,
    }))
    for (const listener of listeners) listener()
  }
  uppy.on('state-update', () => {
    telling ??= setTimeout(tell, TELL_EVERY)
  })
  uppy.on('upload-success', (file) => {
    if (file) onUploaded(file.meta.bucket, file.meta.key)
  })

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    items: () => cached,
    add(files, bucket, prefix) {
      uppy.addFiles(
        files.map(({ file, path }) => ({
          name: file.name,
          type: file.type || 'application/octet-stream',
          data: file,
          meta: { bucket, key: `${prefix}${path}`, path, relativePath: String((count += 1)) },
        })),
      )
    },
    cancel(id) {
      uppy.removeFile(id)
      problems.delete(id)
    },
    retry(id) {
      problems.delete(id)
      uppy.retryUpload(id).catch((error: unknown) => problems.set(id, error))
    },
    cancelAll() {
      uppy.cancelAll()
      problems.clear()
    },
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function brokenTransfer(detail: string): SkyCrateError {
  return new SkyCrateError({ code: 'transfer-failed', title: 'The upload failed', detail })
}
