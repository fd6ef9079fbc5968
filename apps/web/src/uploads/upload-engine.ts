import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { SkyCrateClient } from '@skycrate/client/client'
import AwsS3 from '@uppy/aws-s3'
import Uppy, { type UppyFile } from '@uppy/core'
import type { NewUpload } from './new-upload.ts'
import type { UploadItem } from './upload-item.ts'

/** Files on the way at once. */
const AT_ONCE = 4

/** Milliseconds between two tellings of progress. */
const TELL_EVERY = 100

export interface UploadEngine {
  /** @param listener gets all of them, at most every TELL_EVERY milliseconds */
  subscribe(listener: (items: readonly UploadItem[]) => void): void
  add(files: readonly NewUpload[], bucket: string, prefix: string): void
  cancel(id: string): void
  retry(id: string): void
  cancelAll(): void
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
 * The bytes go straight to S3 with a URL that is vended for just that
 * key, type and size when its turn comes, so that it does not end while waiting.
 */
export function createUploadEngine(
  api: SkyCrateClient,
  onUploaded: (bucket: string, key: string) => void,
): UploadEngine {
  const uppy = new Uppy<Meta, Body>({ autoProceed: true })
  const problems = new Map<string, unknown>()
  let listener: ((items: readonly UploadItem[]) => void) | undefined
  let count = 0
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
    const items = uppy.getFiles().map((file): UploadItem => ({
      id: file.id,
      name: file.meta.path,
      bucket: file.meta.bucket,
      key: file.meta.key,
      size: file.size ?? 0,
      sent: file.progress.bytesUploaded || 0,
      state: stateOf(file),
      error: file.error ? (problems.get(file.id) ?? brokenTransfer(file.error)) : undefined,
    }))
    listener?.(items)
  }
  uppy.on('state-update', () => {
    telling ??= setTimeout(tell, TELL_EVERY)
  })
  uppy.on('upload-success', (file) => {
    if (file) onUploaded(file.meta.bucket, file.meta.key)
  })

  return {
    subscribe(next) {
      listener = next
    },
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

/** Uppy counts a file as started while it still waits for its turn or its URL. */
function stateOf({ error, progress }: UppyFile<Meta, Body>): UploadItem['state'] {
  if (progress.uploadComplete) return 'done'
  if (error) return 'failed'
  return progress.bytesUploaded ? 'sending' : 'waiting'
}
