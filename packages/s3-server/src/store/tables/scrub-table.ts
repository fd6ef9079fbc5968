import type { BlobDamage } from '../blobs/blob-damage-error.ts'
import type { BlobId } from '../blobs/blob-id.ts'
import type { IndexDatabase } from '../index/index-database.ts'

export interface ScrubState {
  /** The last blob that was looked at in this round. */
  readonly after: string
  /** Milliseconds since 1970; undefined before the first round. */
  readonly startedAt: number | undefined
  /** Undefined while a round is under way. */
  readonly finishedAt: number | undefined
  /** Looked at in this round. */
  readonly blobs: number
  readonly bytes: number
}

interface ScrubRow {
  readonly after: string
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly blobs: number
  readonly bytes: number
}

/** How far the scrub has come, and what it found. Methods that change something run inside `IndexDatabase.write`. */
export class ScrubTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  state(): ScrubState {
    const row = this.#index
      .prepare(
        `SELECT after_blob AS after, started_at AS startedAt, finished_at AS finishedAt, blobs, bytes FROM scrub`,
      )
      .get() as unknown as ScrubRow
    return { ...row, startedAt: row.startedAt ?? undefined, finishedAt: row.finishedAt ?? undefined }
  }

  save(state: ScrubState): void {
    this.#index
      .prepare('UPDATE scrub SET after_blob = ?, started_at = ?, finished_at = ?, blobs = ?, bytes = ?')
      .run(state.after, state.startedAt ?? null, state.finishedAt ?? null, state.blobs, state.bytes)
  }

  /** Notes what was found of a blob that the index still names. Tells whether that is news. */
  note(id: BlobId, damage: BlobDamage | undefined, now: number): boolean {
    const changed =
      damage === undefined
        ? this.#index.prepare('DELETE FROM blob_damage WHERE blob_id = ?').run(id)
        : this.#index
            .prepare(
              `INSERT INTO blob_damage (blob_id, damage, found_at) SELECT id, ?, ? FROM blob WHERE id = ?
               ON CONFLICT DO NOTHING`,
            )
            .run(damage, now, id)
    return changed.changes > 0
  }

  isNoted(id: BlobId): boolean {
    return this.#index.prepare('SELECT 1 FROM blob_damage WHERE blob_id = ?').get(id) !== undefined
  }

  /** Blobs known to be damaged that are still in use. */
  damaged(): number {
    return (this.#index.prepare('SELECT COUNT(*) AS count FROM blob_damage').get() as { count: number }).count
  }
}
