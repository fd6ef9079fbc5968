import type { BlobId } from '../blobs/blob-id.ts'
import type { Blob } from '../blobs/blob-store.ts'
import type { IndexDatabase } from '../index/index-database.ts'

interface BlobRow {
  readonly id: BlobId
  readonly size: number
  readonly wrappedKey: Uint8Array | null
  readonly summed: number
  readonly contentId: number | null
  readonly content: Uint8Array | null
}

const SELECT = `SELECT blob.id, size, wrapped_key AS wrappedKey, summed, content_id AS contentId, content
  FROM blob LEFT JOIN blob_content ON blob_content.id = content_id`

const NOTHING = new Uint8Array(0)

const toBlob = (row: BlobRow): Blob => ({
  id: row.id,
  size: row.size,
  wrappedKey: row.wrappedKey ?? undefined,
  isSummed: row.summed === 1,
  content: row.contentId === null ? undefined : (row.content ?? NOTHING),
})

/** Which blobs are in use, and by how many versions and parts. Changes run inside `IndexDatabase.write`. */
export class BlobTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  find(id: BlobId): Blob | undefined {
    const row = this.#index.prepare(`${SELECT} WHERE blob.id = ?`).get(id) as BlobRow | undefined
    return row === undefined ? undefined : toBlob(row)
  }

  has(id: BlobId): boolean {
    return this.#index.prepare('SELECT 1 FROM blob WHERE id = ?').get(id) !== undefined
  }

  /** In order of their ids, from the first after `after`. */
  list(after: string, limit: number): readonly Blob[] {
    const rows = this.#index
      .prepare(`${SELECT} WHERE blob.id > ? ORDER BY blob.id LIMIT ?`)
      .all(after, limit) as unknown as readonly BlobRow[]
    return rows.map(toBlob)
  }

  add({ id, size, wrappedKey, isSummed, content }: Blob): void {
    const contentId = content === undefined ? null : this.#addContent(content)
    this.#index
      .prepare('INSERT INTO blob (id, size, wrapped_key, summed, content_id) VALUES (?, ?, ?, ?, ?)')
      .run(id, size, wrappedKey ?? null, isSummed ? 1 : 0, contentId)
  }

  #addContent(content: Uint8Array): number {
    const { lastInsertRowid } = this.#index.prepare('INSERT INTO blob_content (content) VALUES (?)').run(content)
    return Number(lastInsertRowid)
  }

  /** One more version refers to it. */
  retain(id: BlobId): void {
    this.#index.prepare('UPDATE blob SET references_count = references_count + 1 WHERE id = ?').run(id)
  }

  /** One fewer refers to it. Tells whether there is a file that may go once the change is durable. */
  release(id: BlobId): boolean {
    const row = this.#index
      .prepare(
        `UPDATE blob SET references_count = references_count - 1 WHERE id = ?
         RETURNING references_count AS left, content_id AS contentId`,
      )
      .get(id) as { left: number; contentId: number | null } | undefined
    if (row === undefined || row.left > 0) return false
    this.#index.prepare('DELETE FROM blob WHERE id = ?').run(id)
    if (row.contentId !== null) this.#index.prepare('DELETE FROM blob_content WHERE id = ?').run(row.contentId)
    return row.contentId === null
  }
}
