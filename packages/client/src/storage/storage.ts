import type { CallOptions } from '../call-options.ts'
import type { SkyCrateClient } from '../client.ts'
import { SkyCrateError } from '../skycrate-error.ts'
import { startUpload, type UploadTask, type UploadTaskOptions } from '../transfers/upload-task.ts'
import type { Source } from '../upload.ts'
import { wait } from '../wait.ts'
import { type Place, prefixOf } from './access-level.ts'

export interface StorageOptions {
  /** The library: the bucket of the access levels. */
  readonly bucket: string
}

export interface PutOptions extends Place, Omit<UploadTaskOptions, 'bucket' | 'key' | 'checkpoint' | 'onCheckpoint'> {}

export interface UrlOptions extends Place, CallOptions {
  /** Seconds; default 3600, at most 7 days. */
  readonly expiresIn?: number | undefined
  /** The name under which a browser saves it. */
  readonly downloadAs?: string | undefined
}

export interface StoredObject {
  /** Below the level's prefix. */
  readonly path: string
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: string
}

export interface CopyOptions extends CallOptions {
  /** Where the target exists already; default `fail`. */
  readonly onConflict?: 'fail' | 'skip' | 'replace' | undefined
}

/** Objects by path and access level. Bytes travel straight between the caller and S3. */
export interface Storage {
  /** The whole key of a path. */
  keyOf(path: string, place?: Place): Promise<string>
  /** Begins at once; the result is `task.result`. */
  put(path: string, source: Source, options?: PutOptions): Promise<UploadTask>
  /** @returns S3's answer, its body not yet read */
  get(path: string, options?: Place & CallOptions): Promise<Response>
  /** A URL that gives the object to whoever has it, until it expires. */
  url(path: string, options?: UrlOptions): Promise<{ readonly url: string; readonly expiresAt: string }>
  /** Everything below a path, fetched page by page as it is consumed. */
  list(path?: string, options?: Place & CallOptions): AsyncGenerator<StoredObject, void>
  remove(path: string, options?: Place & CallOptions): Promise<void>
  /** @throws SkyCrateError `precondition-failed` where the target exists and is not to be replaced */
  copy(
    from: Place & { readonly path: string },
    to: Place & { readonly path: string },
    options?: CopyOptions,
  ): Promise<void>
}

const POLL_MS = 250
const LONGEST_POLL_MS = 4000

export function createStorage(client: SkyCrateClient, { bucket }: StorageOptions): Storage {
  let ownId: { readonly token: string | undefined; readonly id: Promise<string> } | undefined

  /** Asked for once a sign-in: who signs in next has another place. */
  const whoAmI = async (): Promise<string> => {
    const token = await client.accessToken()
    if (ownId === undefined || ownId.token !== token) {
      const id = client.me().then((me) => me.id)
      ownId = { token, id }
      id.catch(() => (ownId = undefined))
    }
    return await ownId.id
  }
  const keyOf = async (path: string, place: Place): Promise<string> => `${await prefixOf(place, whoAmI)}${path}`

  return {
    keyOf: (path, place = {}) => keyOf(path, place),

    async put(path, source, { level, userId, ...options } = {}) {
      const key = await keyOf(path, { level, userId })
      return startUpload(client, source, { ...options, bucket, key })
    },

    async get(path, { signal, ...place } = {}) {
      return await client.download({ bucket, key: await keyOf(path, place), signal })
    },

    async url(path, { expiresIn, downloadAs, signal, ...place } = {}) {
      const key = await keyOf(path, place)
      const request = { bucket, key, operation: 'get' as const, expiresIn, downloadAs }
      const { url, expiresAt } = await client.presignedUrl(defined(request), { signal })
      return { url, expiresAt }
    },

    async *list(path = '', { signal, ...place } = {}) {
      const prefix = await prefixOf(place, whoAmI)
      for await (const entry of client.listAll(bucket, { prefix: prefix + path }, { signal })) {
        if (entry.kind !== 'object') continue
        const { key, size, etag, lastModified } = entry
        yield { path: key.slice(prefix.length), key, size, etag, lastModified }
      }
    },

    async remove(path, { signal, ...place } = {}) {
      await client.deleteObject(bucket, await keyOf(path, place), { signal })
    },

    async copy(from, to, { onConflict = 'fail', signal } = {}) {
      const body = {
        from: { bucket, key: await keyOf(from.path, from) },
        to: { bucket, key: await keyOf(to.path, to) },
        onConflict,
      }
      let job = await client.request('copyObjects', { body }, { signal })
      for (let pause = POLL_MS; job.state === 'queued' || job.state === 'running';) {
        await wait(pause, signal)
        pause = Math.min(pause * 1.5, LONGEST_POLL_MS)
        job = await client.job(job.id, { signal })
      }
      if (job.state !== 'done') throw jobError(job.problem)
    },
  }
}

function jobError(problem: { readonly code: string; readonly title: string; readonly detail?: string } | undefined) {
  return new SkyCrateError({
    ...(problem as { code: 'internal' } | undefined),
    code: (problem?.code ?? 'unexpected-response') as 'internal',
    title: problem?.title ?? 'The copy was cancelled',
  })
}

/** Without what is undefined: the request says only what was asked for. */
function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never
}
