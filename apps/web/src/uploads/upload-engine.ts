import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { SkyCrateClient } from '@skycrate/client/client'
import AwsS3 from '@uppy/aws-s3'
import Uppy, { type UppyFile } from '@uppy/core'
import { copyName } from './copy-name.ts'
import type { NewUpload } from './new-upload.ts'
import type { TakenKeys } from './taken-keys.ts'
import type { Decision, UploadItem } from './upload-item.ts'

/** Files on the way at once. */
const AT_ONCE = 4

const NOT_STARTED = { percentage: 0, bytesUploaded: false, uploadStarted: null, bytesTotal: null } as const

/** Milliseconds between two tellings of progress. */
const TELL_EVERY = 100

export interface UploadEngine {
  /** @param listener gets all of them, at most every TELL_EVERY milliseconds */
  subscribe(listener: (items: readonly UploadItem[]) => void): void
  add(files: readonly NewUpload[], bucket: string, prefix: string, taken: TakenKeys): void
  cancel(id: string): void
  retry(id: string): void
  retryBroken(): void
  decide(id: string, decision: Decision, forAll: boolean): void
  cancelAll(): void
}

interface Meta {
  [name: string]: unknown
  bucket: string
  prefix: string
  /** Below the prefix. */
  path: string
  /** Part of Uppy's id of a file. Counted, because its own ids take `A.txt` and `a.txt` for the same. */
  relativePath: string
  /** What was added at once: a decision for all is one for these. */
  batch: number
  /** Whether the person chose to replace what is there. */
  replace: boolean
  /** Of the name under which it is kept beside the other; 0 for its own. */
  copy: number
}

type Body = Record<string, never>
type Upload = UppyFile<Meta, Body>

/**
 * The bytes go straight to S3 with a URL that is vended for just that key, type and size when its turn comes, so that it
 * does not expire while waiting. The URL refuses to replace an object, until somebody chose that.
 */
export function createUploadEngine(
  api: SkyCrateClient,
  onUploaded: (bucket: string, key: string) => void,
): UploadEngine {
  const uppy = new Uppy<Meta, Body>({ autoProceed: true })
  const problems = new Map<string, unknown>()
  /** Keys that are taken, by file: found out by S3's answer, or known before. */
  const conflicts = new Set<string>()
  const decisions = new Map<number, Decision>()
  let listener: ((items: readonly UploadItem[]) => void) | undefined
  let count = 0
  let batches = 0
  let telling: ReturnType<typeof setTimeout> | undefined

  uppy.use(AwsS3, {
    limit: AT_ONCE,
    shouldUseMultipart: false,
    // Uppy hands on a key and nothing else of the file; its id finds the rest.
    generateObjectKey: (file) => file.id,
    async signRequest({ key: id }) {
      const { meta, type, size } = uppy.getFile(id)
      const contentLength = size ?? 0
      // Not worth a transfer: it would be refused at its end.
      if (conflicts.has(id)) throw new Error('taken')
      try {
        const { url, headers } = await api.presignedUrl({
          bucket: meta.bucket,
          key: keyOf(meta),
          operation: 'put',
          contentType: type || 'application/octet-stream',
          contentLength,
          ...(meta.replace ? {} : { ifNoneMatch: '*' as const }),
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
    const items = uppy.getFiles().map((file): UploadItem => {
      const { id, meta, size, progress, error } = file
      const exists = conflicts.has(id)
      return {
        id,
        name: pathOf(meta),
        bucket: meta.bucket,
        key: keyOf(meta),
        size: size ?? 0,
        sent: progress.bytesUploaded || 0,
        state: exists ? 'exists' : stateOf(file),
        replaced: meta.replace,
        error: error && !exists ? (problems.get(id) ?? brokenTransfer(error)) : undefined,
      }
    })
    listener?.(items)
  }
  const tellSoon = (): void => {
    telling ??= setTimeout(tell, TELL_EVERY)
  }
  uppy.on('state-update', tellSoon)
  uppy.on('upload-success', (file) => {
    if (file) onUploaded(file.meta.bucket, keyOf(file.meta))
  })
  uppy.on('upload-error', (file, error) => {
    if (!file) return
    // 412: somebody else wrote the key since, or it stands where the page had not looked.
    if ((error as { status?: unknown }).status === 412) conflicts.add(file.id)
    if (!conflicts.has(file.id)) return
    const { meta } = uppy.getFile(file.id)
    const decision = meta.copy > 0 ? 'keep-both' : decisions.get(meta.batch)
    // After Uppy is done with the failure that it is telling of.
    if (decision) setTimeout(() => apply(file.id, decision))
    tellSoon()
  })

  const again = (id: string): void => {
    problems.delete(id)
    uppy.retryUpload(id).catch((error: unknown) => problems.set(id, error))
  }
  const cancel = (id: string): void => {
    conflicts.delete(id)
    problems.delete(id)
    uppy.removeFile(id)
  }
  const apply = (id: string, decision: Decision): void => {
    const file: Upload | undefined = uppy.getFile(id)
    if (!file || !conflicts.has(id)) return
    if (decision === 'skip') return cancel(id)
    conflicts.delete(id)
    const { copy } = file.meta
    uppy.setFileMeta(id, { ...file.meta, ...(decision === 'replace' ? { replace: true } : { copy: copy + 1 }) })
    // What still waits for its turn comes to it by itself.
    if (!file.error) return
    uppy.setFileState(id, { progress: NOT_STARTED })
    again(id)
  }

  return {
    subscribe(next) {
      listener = next
    },
    add(files, bucket, prefix, taken) {
      const batch = (batches += 1)
      const before = new Set(uppy.getFiles().map(({ id }) => id))
      uppy.addFiles(
        files.map(({ file, path: given }) => {
          const path = taken.get(`${prefix}${given}`.normalize('NFC'))?.slice(prefix.length) ?? given
          return {
            name: file.name,
            type: file.type || 'application/octet-stream',
            data: file,
            meta: { bucket, prefix, path, relativePath: String((count += 1)), batch, replace: false, copy: 0 },
          }
        }),
      )
      // Before the first of them is signed, which happens after this.
      const known = new Set(taken.values())
      for (const { id, meta } of uppy.getFiles()) if (!before.has(id) && known.has(keyOf(meta))) conflicts.add(id)
    },
    cancel,
    retry: again,
    retryBroken() {
      for (const { id, error } of uppy.getFiles()) {
        const problem = problems.get(id)
        const broken = problem instanceof SkyCrateError && (problem.code === 'unreachable' || problem.status === 401)
        if (error && broken) again(id)
      }
    },
    decide(id, decision, forAll) {
      const { meta } = uppy.getFile(id)
      if (!forAll) return apply(id, decision)
      decisions.set(meta.batch, decision)
      for (const other of uppy.getFiles()) if (other.meta.batch === meta.batch) apply(other.id, decision)
    },
    cancelAll() {
      conflicts.clear()
      problems.clear()
      decisions.clear()
      uppy.cancelAll()
    },
  }
}

const pathOf = ({ path, copy }: Meta): string => (copy === 0 ? path : copyName(path, copy))
const keyOf = (meta: Meta): string => `${meta.prefix}${pathOf(meta)}`

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function brokenTransfer(detail: string): SkyCrateError {
  return new SkyCrateError({ code: 'transfer-failed', title: 'The upload failed', detail })
}

/** Uppy counts a file as started while it still waits for its turn or its URL. */
function stateOf({ error, progress }: Upload): UploadItem['state'] {
  if (progress.uploadComplete) return 'done'
  if (error) return 'failed'
  return progress.bytesUploaded ? 'sending' : 'waiting'
}
