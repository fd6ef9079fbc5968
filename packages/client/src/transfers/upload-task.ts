import type { Transport } from '../transport.ts'
import { blobOf, contentTypeOf, type Source, upload, type UploadTarget, type Vend } from '../upload.ts'
import { withBackOff } from './back-off.ts'
import { MultipartParts, type UploadCheckpoint, type Uploaded } from './multipart-parts.ts'

export type { UploadCheckpoint, Uploaded } from './multipart-parts.ts'

export interface UploadTaskOptions extends Omit<UploadTarget, 'signal'> {
  /** Parts that are sent at once; default 4. */
  readonly parallel?: number
  /** Bytes from which on a file is sent in parts; default 16 MiB, at most 5 GiB. */
  readonly partsFrom?: number
  /** How often each request is sent while its failure may pass; default 6. */
  readonly attempts?: number
  /** Of the same file, from before: its parts are not sent again. */
  readonly checkpoint?: UploadCheckpoint | undefined
  /** Called once a multipart upload is begun. */
  readonly onCheckpoint?: (checkpoint: UploadCheckpoint) => void
}

export type UploadState = 'running' | 'paused' | 'done' | 'failed' | 'aborted'

/** An upload that is under way. It begins at once. */
export interface UploadTask {
  readonly state: UploadState
  /** @throws SkyCrateError; `UploadAborted` after `abort` */
  readonly result: Promise<Uploaded>
  /** Stops the requests on their way. What the store has by then is not sent again; a file in one piece begins anew. */
  pause(): void
  resume(): void
  /** Stops for good, and has the store forget the parts that it has. */
  abort(): Promise<void>
}

/** The reason of an upload that its owner ended. */
export class UploadAborted extends Error {
  override readonly name = 'UploadAborted'
  constructor() {
    super('The upload was aborted.')
  }
}

class Paused extends Error {}

const PARTS_FROM = 16 * 1024 ** 2
const PARALLEL = 4
const ATTEMPTS = 6

/** Uploads a file straight to S3: a small one in one piece, a large one in parts, several at a time. */
export function startUpload(client: Transport, source: Source, options: UploadTaskOptions): UploadTask {
  const { bucket, key, ifNoneMatch, onProgress, parallel = PARALLEL, partsFrom = PARTS_FROM } = options
  const attempts = options.attempts ?? ATTEMPTS
  const body = blobOf(source)
  const contentType = contentTypeOf(body, options.contentType)
  let state: UploadState = 'running'
  let running = new AbortController()
  let wake: (() => void) | undefined
  let parts: MultipartParts | undefined

  const inOnePiece = async (signal: AbortSignal): Promise<Uploaded> => {
    const vend: Vend = (body, call) => client.request('presignedUrl', { body }, call)
    const etag = await withBackOff(
      () => upload(vend, client.fetch, body, { bucket, key, contentType, ifNoneMatch, onProgress, signal }),
      { attempts, signal },
    )
    return { etag }
  }

  const inParts = async (signal: AbortSignal): Promise<Uploaded> => {
    parts ??= await MultipartParts.begin(client, body, { ...options, contentType, attempts }, signal)
    await parts.send(parallel, signal)
    return await parts.complete(signal)
  }

  const isInParts = options.checkpoint !== undefined || (body.size >= partsFrom && body.size > 0)
  const work = async (): Promise<Uploaded> => {
    for (;;) {
      try {
        const uploaded = await (isInParts ? inParts : inOnePiece)(running.signal)
        state = 'done'
        return uploaded
      } catch (error) {
        if (!(running.signal.reason instanceof Paused)) {
          if (state !== 'aborted') state = 'failed'
          throw running.signal.aborted ? running.signal.reason : error
        }
        if (state === 'paused') await new Promise<void>((resolve) => (wake = resolve))
        wake = undefined
        if ((state as UploadState) === 'aborted') throw new UploadAborted()
        running = new AbortController()
      }
    }
  }

  const result = work()
  // Whoever looks at it gets it; whoever only pauses and aborts is not ended by it.
  result.catch(() => undefined)
  return {
    get state() {
      return state
    },
    result,
    pause() {
      if (state !== 'running') return
      state = 'paused'
      running.abort(new Paused())
    },
    resume() {
      if (state !== 'paused') return
      state = 'running'
      wake?.()
    },
    async abort() {
      if (state === 'done' || state === 'aborted') return
      const wasPaused = state === 'paused'
      state = 'aborted'
      if (wasPaused) wake?.()
      else running.abort(new UploadAborted())
      await result.catch(() => undefined)
      await parts?.abort()
    },
  }
}
