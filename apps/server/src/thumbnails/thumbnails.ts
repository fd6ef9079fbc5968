import type { Thumbnail, ThumbnailRefusal } from '@skycrate/contract/thumbnails/schemas'
import type { Caller } from '@skycrate/core/access/permission'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { expiryOf } from '@skycrate/core/sigv4/presign'
import { type Gate, type Prepared, requireKey } from '../access/gate.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Job } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { ObjectHead } from '../stores/copy-store.ts'
import type { Store } from '../stores/store.ts'
import type { Signing, UrlSigner } from '../stores/url-signer.ts'
import { lifetimeOf } from '../vending/lifetime.ts'
import { makeThumbnail, MAX_SOURCE_BYTES } from './make-thumbnail.ts'
import {
  expectThumbnail,
  forgetThumbnail,
  type ImagePlace,
  noteChecked,
  settleThumbnail,
  thumbnailKey,
  type ThumbnailRow,
  thumbnailsOf,
  uncheckedThumbnails,
} from './thumbnail-rows.ts'

export const MAKE_THUMBNAIL = 'thumbnails.create'
export const SWEEP_THUMBNAILS = 'thumbnails.sweep'

/** Thumbnails compared with the store in one run of the sweep. */
const SWEPT_AT_ONCE = 2000
/** A job that ended without a result is asked for again after so long. */
const STALE_MS = 60_000
const BY_NAME = /\.(?:jpe?g|png|gif|webp|avif|tiff?)$/i

export interface ThumbnailsRequest {
  readonly bucket: string
  readonly objects: readonly { readonly key: string; readonly etag?: string | undefined }[]
}

/** Small pictures of images, made by a job when somebody first asks, and kept in the bucket of the image. */
export interface Thumbnails {
  /**
   * Each is decided on as the reading of its image. One that is refused or has no image does not keep the others away.
   * @throws AppError `audit-unavailable`, `database-unavailable`
   */
  vend(
    caller: Caller,
    request: ThumbnailsRequest,
    origin: RequestOrigin,
  ): Promise<PromiseSettledResult<Exclude<Thumbnail, { problem: unknown }>>[]>
  /** An image was recorded: its thumbnail is made before anybody asks. */
  expect(tx: Sql, place: ImagePlace, etag: string): Promise<void>
  /** The image is deleted. */
  forget(place: ImagePlace): Promise<void>
}

export function createThumbnails(use: {
  readonly gate: Gate
  readonly database: Database
  readonly jobs: Jobs
  readonly storeOf: (id: StoreId) => Store
  readonly signerOf: (id: StoreId) => UrlSigner
  readonly now: () => number
}): Thumbnails {
  const { gate, database, jobs, storeOf, signerOf, now } = use

  const enqueue = (place: ImagePlace, tx?: Sql) =>
    jobs.enqueue(MAKE_THUMBNAIL, place, {
      createdBy: null,
      key: `${place.store} ${place.bucket} ${place.key}`,
      ...(tx && { tx }),
    })

  async function expect(tx: Sql, place: ImagePlace, etag: string): Promise<void> {
    if (await expectThumbnail(tx, place, etag)) await enqueue(place, tx)
  }

  /** What is there of an image that the caller may read. */
  async function find(
    place: ImagePlace,
    asked: string | undefined,
    known: ThumbnailRow | undefined,
  ): Promise<ThumbnailRow | ThumbnailRefusal | 'pending'> {
    const isCurrent = known !== undefined && (asked === undefined ? false : unquoted(asked) === known.etag)
    if (isCurrent && known.state !== 'pending') return known
    const head = await storeOf(place.store).headObject(place.bucket, place.key)
    if (head === undefined) throw new AppError('not-found', 'There is no such object.')
    if (known?.etag === head.etag) {
      if (known.state !== 'pending') return known
      if (now() - known.changed_at.getTime() > STALE_MS) await enqueue(place)
      return 'pending'
    }
    // Nothing is kept of what is no image: whoever asks for any key fills no table.
    const refusal = refusalOf(head, place.key)
    if (refusal !== undefined) return refusal
    await database.transaction((tx) => expect(tx, place, head.etag))
    return 'pending'
  }

  jobs.register(
    MAKE_THUMBNAIL,
    async ({ input: place }: Job<ImagePlace>) => {
      const store = storeOf(place.store)
      const head = await store.headObject(place.bucket, place.key)
      if (head === undefined) return forget(place)
      const { etag } = head
      const refusal = refusalOf(head, place.key)
      const made =
        refusal === undefined
          ? await makeThumbnail(await store.readStart(place.bucket, place.key, MAX_SOURCE_BYTES))
          : ({ ok: false, reason: refusal } as const)
      if (made.ok) {
        const { data, width, height } = made
        const kept = await store.putObject(place.bucket, thumbnailKey(place), data, 'image/webp')
        if (!kept.ok) return forgetThumbnail(database, place)
        await settleThumbnail(database, place, { etag, state: 'ready', reason: null, width, height })
      } else {
        const { reason } = made
        await settleThumbnail(database, place, { etag, state: 'refused', reason, width: null, height: null })
      }
    },
    // One at a time: decoding takes a core and memory.
    { attempts: 5, atOnce: 1, cancellable: false },
  )

  jobs.register(
    SWEEP_THUMBNAILS,
    async ({ signal }: Job) => {
      for (const place of await uncheckedThumbnails(database, SWEPT_AT_ONCE)) {
        signal.throwIfAborted()
        const head = await storeOf(place.store).headObject(place.bucket, place.key)
        if (head === undefined) await forget(place)
        else await noteChecked(database, place)
      }
    },
    { cancellable: false },
  )

  async function forget(place: ImagePlace): Promise<void> {
    // In a bucket that keeps versions, deleting what is not there leaves a mark.
    if ((await thumbnailsOf(database, place, [place.key])).size === 0) return
    await storeOf(place.store).deleteObject(place.bucket, thumbnailKey(place))
    await forgetThumbnail(database, place)
  }

  return {
    async vend(caller, { bucket, objects }, origin) {
      const keys = objects.map(({ key }) => key)
      const known = await thumbnailsOf(database, { store: DEFAULT_STORE, bucket }, keys)
      const signing = await signerOf(DEFAULT_STORE).signingFor(bucket)
      // Decided on in one turn, so that their events share one commit.
      return Promise.allSettled(
        objects.map(async ({ key: text, etag }) => {
          const place = { store: DEFAULT_STORE, bucket, key: requireKey(text) }
          return gate.vend(caller, { ...place, action: 'read' }, 'object.thumbnail', origin, async (passage) => {
            const found = await find(place, etag, known.get(text))
            return preparedOf(place, found, signing, passage.expiresAt, now())
          })
        }),
      )
    },
    expect,
    forget,
  }
}

function preparedOf(
  place: ImagePlace,
  found: ThumbnailRow | ThumbnailRefusal | 'pending',
  { presigner, endsAt }: Signing,
  permittedUntil: number,
  time: number,
): Prepared<Exclude<Thumbnail, { problem: unknown }>> {
  if (found === 'pending') return { detail: {}, release: () => ({ state: 'pending' }) }
  if (typeof found === 'string') return { detail: {}, release: () => ({ state: 'refused', reason: found }) }
  const { state, reason, width, height } = found
  if (state !== 'ready') {
    return { detail: {}, release: () => (reason === null ? { state: 'pending' } : { state: 'refused', reason }) }
  }
  const expiresIn = lifetimeOf(undefined, Math.min(permittedUntil, endsAt), time)
  const expiresAt = new Date(expiryOf(time, expiresIn)).toISOString()
  return {
    detail: { expiresAt },
    release() {
      const { bucket } = place
      const { url } = presigner.presign({ method: 'GET', bucket, key: thumbnailKey(place), expiresIn, now: time })
      return { state: 'ready', url, width: width!, height: height!, expiresAt }
    },
  }
}

/** Why no thumbnail is made of an object, as far as its bytes need not be read. */
function refusalOf({ contentType = '', size }: ObjectHead, key: string): ThumbnailRefusal | undefined {
  const isImage = contentType.startsWith('image/') ? !contentType.startsWith('image/svg') : BY_NAME.test(key)
  if (!isImage) return 'unsupported-format'
  return size > MAX_SOURCE_BYTES ? 'too-large' : undefined
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '')
