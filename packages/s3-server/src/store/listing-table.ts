import type { IndexDatabase } from './index-database.ts'
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

export type ListQuery = Omit<KeyWalk<never>, 'seek'>

const LISTED = 'key, size, etag, modified_at AS modifiedAt, storage_class AS storageClass'
const LISTED_VERSION = `${LISTED}, sequence, version_id AS versionId`

/** Pages of objects and of versions, in the order of their keys' UTF-8 bytes. */
export class ListingTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  objects(bucketId: number, query: ListQuery): KeyPage<ListedObject> {
    const statement = this.#index.prepare(`SELECT ${LISTED} FROM object WHERE bucket_id = ? AND key >= ? ORDER BY key`)
    return walkKeys<ListedObject>({
      ...query,
      seek: (from) => statement.iterate(bucketId, from) as unknown as Iterable<ListedObject>,
    })
  }

  /** @param after begins after this version of `query.from` instead of with its newest */
  versions(
    bucketId: number,
    query: ListQuery,
    after: { readonly sequence: number } | undefined,
  ): KeyPage<ListedVersion> {
    const statement = this.#index.prepare(
      `SELECT ${LISTED_VERSION}, 0 AS isDeleteMarker FROM object WHERE bucket_id = ?1 AND key >= ?2
       UNION ALL
       SELECT ${LISTED_VERSION}, is_delete_marker AS isDeleteMarker FROM object_history
       WHERE bucket_id = ?1 AND key >= ?2
       ORDER BY key, sequence DESC`,
    )
    return walkKeys<ListedVersion>({
      ...query,
      seek: function* (from) {
        let previous: string | undefined
        for (const row of statement.iterate(bucketId, from) as unknown as Iterable<Omit<ListedVersion, 'isLatest'>>) {
          const isLatest = row.key !== previous
          previous = row.key
          if (after !== undefined && row.key === query.from && row.sequence >= after.sequence) continue
          yield { ...row, isLatest }
        }
      },
    })
  }
}
