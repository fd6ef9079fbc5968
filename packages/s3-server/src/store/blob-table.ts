import type { BlobId } from './blob-id.ts'
import type { Blob } from './blob-store.ts'
import type { IndexDatabase } from './index-database.ts'

interface BlobRow {
  readonly id: BlobId
  readonly size: number
  readonly wrappedKey: Uint8Array | null
  readonly summed: 0 | 1
}

const COLUMNS = 'id, size, wrapped_key AS wrappedKey, summed'

const toBlob = (row: BlobRow): Blob => ({
  id: row.id,
  size: row.size,
  wrappedKey: row.wrappedKey ?? undefined,
  isSummed: row.summed === 1,
})

/** Which blobs are in use, and by how many versions and parts. Changes run inside `IndexDatabase.write`. */
export class BlobTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  find(id: BlobId): Blob | undefined {
    const row = this.#index.prepare(`SELECT ${COLUMNS} FROM blob WHERE id = ?`).get(id) as BlobRow | undefined
    return row === undefined ? undefined : toBlob(row)
  }

  has(id: BlobId): boolean {
    return this.#index.prepare('SELECT 1 FROM blob WHERE id = ?').get(id) !== undefined
  }

  /** In order of their ids, from the first after `after`. */
  list(after: string, limit: number): readonly Blob[] {
    const rows = this.#index
      .prepare(`SELECT ${COLUMNS} FROM blob WHERE id > ? ORDER BY id LIMIT ?`)
      .all(after, limit) as unknown as readonly BlobRow[]
    return rows.map(toBlob)
  }

  add({ id, size, wrappedKey, isSummed }: Blob): void {
    this.#index
      .prepare('INSERT INTO blob (id, size, wrapped_key, summed) VALUES (?, ?, ?, ?)')
      .run(id, size, wrappedKey ?? null, isSummed ? 1 : 0)
  }

  /** One more version refers to it. */
  retain(id: BlobId): void {
    this.#index.prepare('UPDATE blob SET references_count = references_count + 1 WHERE id = ?').run(id)
  }

  /** One fewer refers to it. Tells whether it was the last: then its file may go once the change is durable. */
  release(id: BlobId): boolean {
    const row = this.#index
      .prepare(
        'UPDATE blob SET references_count = references_count - 1 WHERE id = ? RETURNING references_count AS left',
      )
      .get(id) as { left: number } | undefined
    if (row === undefined || row.left > 0) return false
    this.#index.prepare('DELETE FROM blob WHERE id = ?').run(id)
    return true
  }
}
