import type { UploadJob } from './upload-job.ts'

/** What is kept of an upload in the browser's database until it is done, so that it outlives its page. */
export interface KeptUpload {
  readonly id: string
  readonly userId: string
  /** The page that works on it: as long as that is open, no other one takes it up. */
  readonly page: string
  readonly kind: UploadJob['kind']
  readonly bucket: string
  readonly prefix: string
  readonly path: string
  readonly size: number
  readonly type: string
  readonly lastModified: number
  readonly createdAt: number
  readonly replace: boolean
  readonly copy: number
  readonly multipart: { readonly uploadId: string; readonly partSize: number } | undefined
  /** Of a kept handle, and the way from there. */
  readonly handle: string | undefined
  readonly within: readonly string[]
}

export interface KeptUploads {
  /** Lasts as well as the browser can; nothing fails where it can't. */
  keep(jobs: readonly UploadJob[], userId: string): Promise<void>
  forget(ids: readonly string[]): Promise<void>
  /** What the person left unfinished in pages that are closed. From now on it belongs to this page. */
  adopt(
    userId: string,
  ): Promise<readonly { readonly kept: KeptUpload; readonly handle: FileSystemHandle | undefined }[]>
}

const UPLOADS = 'uploads'
const HANDLES = 'handles'
/** Milliseconds after which the store has forgotten an unfinished upload. */
const LIFETIME = 7 * 24 * 3_600_000
const LOCK = 'skycrate.uploads.'

/**
 * Nothing is kept where the browser has no locks (an address without HTTPS that is not this machine): there, nobody could
 * tell whether the page of an upload is still open.
 */
export function createKeptUploads(now: () => number): KeptUploads {
  const canKeep = 'locks' in navigator && 'indexedDB' in window
  const page = canKeep ? crypto.randomUUID() : ''
  let opened: Promise<IDBDatabase> | undefined
  const database = (): Promise<IDBDatabase> => (opened ??= open())
  /** Kept handles: the files of one folder share its handle. */
  const handles = new Map<FileSystemHandle, string>()
  // Held until the page ends, however it does.
  if (canKeep) void navigator.locks.request(LOCK + page, () => new Promise(() => undefined))

  const attempt = async <T>(fallback: T, work: (database: IDBDatabase) => Promise<T>): Promise<T> => {
    if (!canKeep) return fallback
    try {
      return await work(await database())
    } catch {
      // A private window, or a full disk: then uploads end with their page, as without all this.
      return fallback
    }
  }

  return {
    keep: (jobs, userId) =>
      attempt(undefined, async (db) => {
        const change = db.transaction([UPLOADS, HANDLES], 'readwrite')
        for (const job of jobs) {
          const { origin, multipart } = job
          let handle = origin && handles.get(origin.handle)
          if (origin && handle === undefined) {
            handle = crypto.randomUUID()
            handles.set(origin.handle, handle)
            change.objectStore(HANDLES).put(origin.handle, handle)
          }
          const { id, kind, bucket, prefix, path, size, type, lastModified, createdAt, replace, copy } = job
          const kept: KeptUpload = {
            id,
            userId,
            page,
            kind,
            bucket,
            prefix,
            path,
            size,
            type,
            lastModified,
            createdAt,
            replace,
            copy,
            multipart: multipart && { uploadId: multipart.uploadId, partSize: multipart.partSize },
            handle,
            within: origin?.within ?? [],
          }
          change.objectStore(UPLOADS).put(kept)
        }
        await end(change)
      }),

    forget: (ids) =>
      attempt(undefined, async (db) => {
        const change = db.transaction([UPLOADS], 'readwrite')
        for (const id of ids) change.objectStore(UPLOADS).delete(id)
        await end(change)
      }),

    adopt: (userId) =>
      attempt([], async (db) =>
        // One page at a time, so that two that open at once do not both take them.
        navigator.locks.request(`${LOCK}adopt`, async () => {
          const { held = [] } = await navigator.locks.query()
          const open = new Set(held.map(({ name }) => name))
          const change = db.transaction([UPLOADS, HANDLES], 'readwrite')
          const [uploads, stored] = [change.objectStore(UPLOADS), change.objectStore(HANDLES)]
          const all = (await answer(uploads.getAll())) as KeptUpload[]
          const isOld = ({ createdAt }: KeptUpload): boolean => createdAt < now() - LIFETIME
          for (const { id } of all.filter(isOld)) uploads.delete(id)
          const rest = all.filter((each) => !isOld(each))
          const ours = rest.filter((each) => each.userId === userId && !open.has(LOCK + each.page))
          for (const each of ours) uploads.put({ ...each, page })
          const named = new Map<string, FileSystemHandle>()
          const used = new Set(rest.map(({ handle }) => handle))
          const wanted = new Set(ours.map(({ handle }) => handle))
          for (const key of (await answer(stored.getAllKeys())) as string[]) {
            if (!used.has(key)) stored.delete(key)
            else if (wanted.has(key)) {
              const handle = (await answer(stored.get(key))) as FileSystemHandle
              named.set(key, handle)
              handles.set(handle, key)
            }
          }
          await end(change)
          return ours.map((kept) => ({ kept, handle: kept.handle === undefined ? undefined : named.get(kept.handle) }))
        }),
      ),
  }
}

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the database refused a request'))
  })

const end = (change: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    change.oncomplete = () => resolve()
    change.onabort = () => reject(change.error ?? new Error('the database refused a change'))
  })

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('skycrate-uploads', 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(UPLOADS, { keyPath: 'id' })
    request.result.createObjectStore(HANDLES)
  }
  return answer(request)
}
