import type { AccessLevel } from '../storage/access-level.ts'
import { signedHeaders } from '../signed-headers.ts'
import { transferError } from '../transfer-error.ts'
import type { UploadTask } from '../transfers/upload-task.ts'
import type { Source } from '../upload.ts'
import type { AmplifyApp } from './amplify-app.ts'
import type { AmplifyConfig } from './amplify-config.ts'
import { AmplifyError } from './amplify-error.ts'
import { readAll } from './read-all.ts'

interface Level {
  /** Default: `public`. */
  readonly level?: 'public' | 'protected' | 'private'
  /** Whose, at the levels that have owners. Default: one's own. */
  readonly identityId?: string
}

interface Progress {
  readonly loaded: number
  readonly total: number
}

export interface PutConfig extends Level {
  readonly contentType?: string
  readonly progressCallback?: (progress: Progress) => void
  /** Answers at once with an upload that can be paused. */
  readonly resumable?: boolean
  readonly completeCallback?: (result: { readonly key: string }) => void
  readonly errorCallback?: (error: unknown) => void
}

export interface GetConfig extends Level {
  /** The object itself instead of a URL of it. */
  readonly download?: boolean
  /** Seconds that the URL is valid; default 900. */
  readonly expires?: number
  /** `attachment; filename="…"`: the name under which a browser saves it. */
  readonly contentDisposition?: string
  /** Whether it is an error where there is no such object. */
  readonly validateObjectExistence?: boolean
  readonly progressCallback?: (progress: Progress) => void
}

export interface Downloaded {
  readonly Body: Blob
  readonly ContentLength: number
  readonly ContentType: string
  readonly ETag: string
  readonly LastModified: Date
}

export interface ListConfig extends Level {
  /** Default 1000. */
  readonly pageSize?: number | 'ALL'
  readonly nextToken?: string
}

export interface Listed {
  readonly results: readonly {
    readonly key: string
    readonly eTag: string
    readonly lastModified: Date
    readonly size: number
  }[]
  readonly nextToken?: string
  readonly hasNextToken: boolean
}

export interface ResumableUpload {
  readonly isInProgress: boolean
  readonly percent: number
  pause(): void
  resume(): void
}

type Place = Level & { readonly key: string }

/**
 * `Storage` of Amplify 5: keys below the prefix of an access level, straight between the caller and S3. Options that it
 * does not have are refused, so that nothing is lost.
 * @see https://docs.amplify.aws/gen1/javascript/prev/build-a-backend/storage/
 */
export interface AmplifyStorage {
  configure(config?: AmplifyConfig['Storage']): AmplifyConfig['Storage']
  put(key: string, object: Source, config: PutConfig & { readonly resumable: true }): ResumableUpload
  put(key: string, object: Source, config?: PutConfig): Promise<{ readonly key: string }>
  get(key: string, config: GetConfig & { readonly download: true }): Promise<Downloaded>
  get(key: string, config?: GetConfig): Promise<string>
  list(path?: string, config?: ListConfig): Promise<Listed>
  remove(key: string, config?: Level): Promise<object>
  copy(from: Place, to: Place): Promise<{ readonly key: string }>
  getProperties(key: string, config?: Level): Promise<Omit<Downloaded, 'Body'>>
  /** Ends a transfer that is under way: what `put` or `get` has answered. */
  cancel(transfer: Promise<unknown> | ResumableUpload, message?: string): boolean
  isCancelError(error: unknown): boolean
}

const PUT = ['level', 'contentType', 'progressCallback', 'resumable', 'completeCallback', 'errorCallback']
const GET = [
  'level',
  'identityId',
  'download',
  'expires',
  'contentDisposition',
  'validateObjectExistence',
  'progressCallback',
]
const LIST = ['level', 'identityId', 'pageSize', 'nextToken']
const EXPIRES = 900
const PAGE = 1000

const placeOf = ({ level = 'public', identityId }: Level): { level: AccessLevel; userId?: string } => ({
  level,
  ...(identityId !== undefined && { userId: identityId }),
})

function requireKnown(config: object, known: readonly string[]): void {
  const other = Object.entries(config).find(([name, value]) => value !== undefined && !known.includes(name))
  if (other) throw new AmplifyError('UnsupportedOption', `SkyCrate's Storage has no option ${other[0]}.`)
}

export function createAmplifyStorage(app: AmplifyApp): AmplifyStorage {
  const transfers = new WeakMap<object, (message: string | undefined) => void>()

  /** A promise that `cancel` can end. */
  function cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const transfer = work(controller.signal)
    transfers.set(transfer, (message) => controller.abort(cancelled(message)))
    return transfer
  }

  function begin(key: string, object: Source, config: PutConfig): Promise<UploadTask> {
    requireKnown(config, PUT)
    const { contentType, progressCallback } = config
    return app
      .current()
      .storage()
      .put(key, object, {
        ...placeOf(config),
        contentType,
        onProgress: progressCallback && ((loaded, total) => progressCallback({ loaded, total })),
      })
  }

  async function upload(key: string, object: Source, config: PutConfig, signal: AbortSignal): Promise<{ key: string }> {
    const task = await begin(key, object, config)
    const abort = (): void => void task.abort()
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    try {
      await task.result
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return { key }
  }

  function uploadResumably(key: string, object: Source, config: PutConfig): ResumableUpload {
    const { progressCallback, completeCallback, errorCallback } = config
    let percent = 0
    let isPaused = false
    let task: UploadTask | undefined
    const watched: PutConfig = {
      ...config,
      progressCallback(progress) {
        percent = progress.total === 0 ? 100 : (progress.loaded / progress.total) * 100
        progressCallback?.(progress)
      },
    }
    const controller = new AbortController()
    const work = async (): Promise<void> => {
      task = await begin(key, object, watched)
      if (isPaused) task.pause()
      if (controller.signal.aborted) await task.abort()
      await task.result
    }
    work().then(
      () => completeCallback?.({ key }),
      (error: unknown) => errorCallback?.(controller.signal.aborted ? controller.signal.reason : error),
    )
    const shown: ResumableUpload = {
      get isInProgress() {
        return task?.state === 'running' || (task === undefined && !isPaused)
      },
      get percent() {
        return percent
      },
      pause() {
        isPaused = true
        task?.pause()
      },
      resume() {
        isPaused = false
        task?.resume()
      },
    }
    transfers.set(shown, (message) => {
      controller.abort(cancelled(message))
      void task?.abort()
    })
    return shown
  }

  async function download(key: string, config: GetConfig, signal: AbortSignal): Promise<Downloaded> {
    const response = await app
      .current()
      .storage()
      .get(key, { ...placeOf(config), signal })
    const { progressCallback: onProgress } = config
    const Body = await readAll(response, (loaded, total) => onProgress?.({ loaded, total }))
    return { Body, ...propertiesOf(response) }
  }

  async function look(key: string, config: Level, signal?: AbortSignal): Promise<Response> {
    const { client } = app.current()
    const body = { ...(await locate(key, config)), operation: 'head' as const }
    const vended = await client.presignedUrl(body, { signal })
    const init: RequestInit = { method: 'HEAD', headers: signedHeaders(vended.headers), credentials: 'omit' }
    const response = await client.fetch(vended.url, { ...init, ...(signal && { signal }) })
    if (response.status === 404) throw new AmplifyError('NotFound', `There is no object ${key}.`)
    if (!response.ok) throw transferError(response.status, '')
    return response
  }

  async function locate(key: string, config: Level): Promise<{ bucket: string; key: string }> {
    const { settings, storage } = app.current()
    return { bucket: settings.bucket ?? '', key: await storage().keyOf(key, placeOf(config)) }
  }

  function put(key: string, object: Source, config: PutConfig & { readonly resumable: true }): ResumableUpload
  function put(key: string, object: Source, config?: PutConfig): Promise<{ readonly key: string }>
  function put(
    key: string,
    object: Source,
    config: PutConfig = {},
  ): ResumableUpload | Promise<{ readonly key: string }> {
    return config.resumable === true
      ? uploadResumably(key, object, config)
      : cancellable((signal) => upload(key, object, config, signal))
  }

  function get(key: string, config: GetConfig & { readonly download: true }): Promise<Downloaded>
  function get(key: string, config?: GetConfig): Promise<string>
  function get(key: string, config: GetConfig = {}): Promise<string | Downloaded> {
    return cancellable((signal) => read(key, config, signal))
  }

  async function read(key: string, config: GetConfig, signal: AbortSignal): Promise<string | Downloaded> {
    requireKnown(config, GET)
    if (config.download === true) return download(key, config, signal)
    if (config.validateObjectExistence === true) await look(key, config, signal)
    const downloadAs = config.contentDisposition && nameIn(config.contentDisposition)
    const { url } = await app
      .current()
      .storage()
      .url(key, { ...placeOf(config), expiresIn: config.expires ?? EXPIRES, downloadAs, signal })
    return url
  }

  return {
    configure: (config) => app.configure(config === undefined ? {} : { Storage: config }).Storage,

    put,
    get,

    async list(path = '', config = {}) {
      requireKnown(config, LIST)
      const { client } = app.current()
      const root = await locate('', config)
      const { pageSize = PAGE, nextToken } = config
      const results: Listed['results'][number][] = []
      let cursor = nextToken
      do {
        const limit = pageSize === 'ALL' ? PAGE : Math.min(pageSize, PAGE)
        const query = { prefix: root.key + path, limit, ...(cursor !== undefined && { cursor }) }
        const page = await client.listObjects(root.bucket, query)
        for (const { key, etag, lastModified, size } of page.objects) {
          results.push({ key: key.slice(root.key.length), eTag: etag, lastModified: new Date(lastModified), size })
        }
        cursor = page.nextCursor ?? undefined
      } while (pageSize === 'ALL' && cursor !== undefined)
      return { results, ...(cursor !== undefined && { nextToken: cursor }), hasNextToken: cursor !== undefined }
    },

    async remove(key, config = {}) {
      requireKnown(config, ['level'])
      await app.current().storage().remove(key, placeOf(config))
      return {}
    },

    async copy(from, to) {
      const source = { path: from.key, ...placeOf(from) }
      const target = { path: to.key, ...placeOf({ ...(to.level && { level: to.level }) }) }
      await app.current().storage().copy(source, target, { onConflict: 'replace' })
      return { key: to.key }
    },

    getProperties: (key, config = {}) => cancellable(async (signal) => propertiesOf(await look(key, config, signal))),

    cancel(transfer, message) {
      const end = transfers.get(transfer)
      end?.(message)
      return end !== undefined
    },
    isCancelError: (error) => error instanceof AmplifyError && error.code === 'CanceledError',
  }
}

const cancelled = (message = 'The transfer was cancelled.'): AmplifyError => new AmplifyError('CanceledError', message)

function propertiesOf({ headers }: Response): Omit<Downloaded, 'Body'> {
  return {
    ContentLength: Number(headers.get('content-length') ?? 0),
    ContentType: headers.get('content-type') ?? 'application/octet-stream',
    ETag: headers.get('etag') ?? '',
    LastModified: new Date(headers.get('last-modified') ?? 0),
  }
}

function nameIn(disposition: string): string {
  const name = /^attachment; *filename="?([^"]+)"?$/i.exec(disposition)?.[1]
  if (name === undefined)
    throw new AmplifyError('UnsupportedOption', 'Use contentDisposition: attachment; filename="…"')
  return name
}
