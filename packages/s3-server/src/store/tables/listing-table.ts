import type { IndexDatabase } from '../index/index-database.ts'
import { walkKeys } from './walk-keys.ts'
import type { KeyPage, KeyWalk } from './walk-keys.ts'

/** What a list shows of an object. */
export interface ListedObject {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly modifiedAt: number
  readonly storageClass: string
}

/** What a list of versions shows of a version or delete marker. */
export interface ListedVersion extends ListedObject {
  readonly sequence: number
  readonly versionId: string
  readonly isDeleteMarker: 0 | 1
  readonly isLatest: boolean
}

export type ListQuery = Omit<KeyWalk<never>, 'seek' | 'first'>

const LISTED = 'key, size, etag, modified_at AS modifiedAt, storage_class AS storageClass'
const LISTED_VERSION = `${LISTED}, sequence, version_id AS versionId`

const OBJECTS = `SELECT ${LISTED} FROM object WHERE bucket_id = ? AND key >= ? ORDER BY key`
const VERSIONS = `SELECT ${LISTED_VERSION}, 0 AS isDeleteMarker FROM object WHERE bucket_id = ?1 AND key >= ?2
  UNION ALL
  SELECT ${LISTED_VERSION}, is_delete_marker AS isDeleteMarker FROM object_history WHERE bucket_id = ?1 AND key >= ?2
  ORDER BY key, sequence DESC`

/** Pages of objects and of versions, in the order of their keys' UTF-8 bytes. */
export class ListingTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  objects(bucketId: number, query: ListQuery): KeyPage<ListedObject> {
    const all = this.#index.prepare(OBJECTS)
    const one = this.#index.prepare(`${OBJECTS} LIMIT 1`)
    return walkKeys<ListedObject>({
      ...query,
      seek: (from) => all.iterate(bucketId, from) as unknown as Iterable<ListedObject>,
      first: (from) => one.get(bucketId, from) as unknown as ListedObject | undefined,
    })
  }

  /** @param after begins after this version of `query.from` instead of with its newest */
  versions(
    bucketId: number,
    query: ListQuery,
    after: { readonly sequence: number } | undefined,
  ): KeyPage<ListedVersion> {
    const all = this.#index.prepare(VERSIONS)
    const one = this.#index.prepare(`${VERSIONS} LIMIT 1`)
    return walkKeys<ListedVersion>({
      ...query,
      seek: function* (from) {
        let previous: string | undefined
        for (const row of all.iterate(bucketId, from) as unknown as Iterable<Omit<ListedVersion, 'isLatest'>>) {
          const isLatest = row.key !== previous
          previous = row.key
          if (after !== undefined && row.key === query.from && row.sequence >= after.sequence) continue
          yield { ...row, isLatest }
        }
      },
      // Never of a key that was begun: its newest version comes first.
      first: (from) => {
        const row = one.get(bucketId, from) as Omit<ListedVersion, 'isLatest'> | undefined
        return row === undefined ? undefined : { ...row, isLatest: true }
      },
    })
  }
}
