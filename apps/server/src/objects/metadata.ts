import type { NewTags, ObjectMetadata, ObjectTag, ObjectTags } from '@skycrate/contract/metadata/schemas'
import type { Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { failureOf, type Gate, type ObjectAction, requireKey } from '../access/gate.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { bucketMissing } from '../errors/bucket-missing.ts'
import type { TagResult, TagStore } from '../stores/tag-store.ts'

interface Place {
  readonly bucket: string
  readonly key: string
}

/** What is said of objects: by the store, by their uploaders, and by tags. */
export interface Metadata {
  /** @throws AppError `invalid-key`, `forbidden`, `not-found`, `bucket-missing` and the store's */
  describe(caller: Caller, place: Place, origin: RequestOrigin): Promise<ObjectMetadata>
  /**
   * Replaces all tags.
   * @throws AppError as `describe`; `invalid-request`, `tags-unsupported`; `precondition-failed` where they are not `expected`
   */
  setTags(caller: Caller, place: Place, wish: NewTags, origin: RequestOrigin): Promise<ObjectTags>
}

/** What S3 allows in tags. */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export function createMetadata(use: {
  readonly gate: Gate
  readonly database: Database
  readonly storeOf: (id: StoreId) => TagStore
}): Metadata {
  const { gate, database, storeOf } = use
  const store = DEFAULT_STORE

  /** Decides and records, then does it; what comes to nothing is recorded as an error. */
  async function run<T>(
    caller: Caller,
    operations: readonly [Operation, ...Operation[]],
    auditAs: ObjectAction,
    origin: RequestOrigin,
    asked: { readonly tags?: readonly ObjectTag[] },
    work: () => Promise<T>,
  ): Promise<T> {
    const [operation] = operations
    await gate.passAll(caller, operations, auditAs, origin, asked)
    try {
      return await work()
    } catch (error) {
      await gate.failed(caller, operation, auditAs, origin, failureOf(error))
      throw error
    }
  }

  return {
    describe(caller, { bucket, ...place }, origin) {
      const key = requireKey(place.key)
      const operation = { action: 'read', store, bucket, key } as const
      return run(caller, [operation], 'object.describe', origin, {}, async () => {
        const [found, tags] = await Promise.all([
          storeOf(store).describeObject(bucket, key),
          storeOf(store).readObjectTags(bucket, key),
        ])
        if (!tags.ok && tags.reason !== 'unsupported') throw missing(bucket, tags.reason)
        if (!found) throw missing(bucket, 'no-such-key')
        const { lastModified, encryption = null, headers, metadata, ...rest } = found
        return {
          ...rest,
          lastModified: lastModified.toISOString(),
          encryption,
          headers: [...headers],
          metadata: [...metadata],
          tags: tags.ok ? [...tags.tags] : null,
        }
      })
    },

    async setTags(caller, { bucket, ...place }, { tags, expected }, origin) {
      const key = requireKey(place.key)
      requireTags(tags)
      const on = { store, bucket, key }
      const write = { action: 'write', ...on } as const
      // Whether tags are as expected tells what they are.
      const needed = expected ? ([write, { action: 'read', ...on }] as const) : ([write] as const)
      const replace = async () => told(bucket, await storeOf(store).writeObjectTags(bucket, key, tags))
      return run(caller, needed, 'object.tag', origin, { tags }, async () => {
        if (!expected) return replace()
        // Stores have no conditions on tags: changes of one object go one after the other.
        return database.transaction(async (tx) => {
          await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`tags ${store}/${bucket}/${key}`])
          const now = told(bucket, await storeOf(store).readObjectTags(bucket, key))
          if (!isSame(now.tags, expected)) {
            throw new AppError('precondition-failed', 'Somebody else has changed the tags since you read them.')
          }
          return replace()
        })
      })
    },
  }
}

/** @throws AppError `tags-unsupported`, `bucket-missing`, `not-found` */
function told(bucket: string, result: TagResult): ObjectTags {
  if (result.ok) return { tags: [...result.tags] }
  throw result.reason === 'unsupported' ? new AppError('tags-unsupported') : missing(bucket, result.reason)
}

const isSame = (some: readonly ObjectTag[], others: readonly ObjectTag[]): boolean =>
  some.length === others.length &&
  some.every(({ key, value }) => others.some((other) => other.key === key && other.value === value))

type Missing = Exclude<Extract<TagResult, { ok: false }>['reason'], 'unsupported'>

const missing = (bucket: string, reason: Missing): AppError =>
  reason === 'no-such-bucket' ? bucketMissing(bucket) : new AppError('not-found', 'There is no such object.')

/** @throws AppError `invalid-request` with every mistake */
function requireTags(tags: readonly ObjectTag[]): void {
  const errors = tags.flatMap(({ key, value }, i) => [
    ...(ALLOWED.test(key) ? [] : [{ path: `/tags/${i}/key`, message: 'has a character that tags cannot have' }]),
    ...(ALLOWED.test(value) ? [] : [{ path: `/tags/${i}/value`, message: 'has a character that tags cannot have' }]),
    ...(/^aws:/i.test(key)
      ? [{ path: `/tags/${i}/key`, message: "begins with 'aws:', which AWS keeps for itself" }]
      : []),
    ...(tags.findIndex((each) => each.key === key) < i ? [{ path: `/tags/${i}/key`, message: 'is there twice' }] : []),
  ])
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}
