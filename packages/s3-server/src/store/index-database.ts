import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'

const MIGRATIONS = ['0001-init.sql', '0002-integrity.sql', '0003-object-lock.sql']

interface PendingWrite {
  readonly run: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** How many writes share one transaction at most: bounds how long the event loop stands still for one commit. */
const MAX_GROUP = 128

const migrate = (database: DatabaseSync): void => {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > MIGRATIONS.length) {
    throw new Error(
      `The index was written by a newer version (schema ${version}, this program knows ${MIGRATIONS.length}).`,
    )
  }
  for (const [at, file] of MIGRATIONS.entries()) {
    if (at < version) continue
    const sql = readFileSync(new URL(`./migrations/${file}`, import.meta.url), 'utf8')
    database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${at + 1}; COMMIT`)
  }
}

/**
 * The SQLite index: which keys there are and which blobs hold them.
 *
 * Writes are grouped: all that were asked for in one turn of the event loop are committed in one transaction with one
 * sync to disk, each in its own savepoint, so that one that throws takes nothing else with it. The promise of a write
 * resolves after the sync; what it wrote survives a power loss from then on.
 */
export class IndexDatabase {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #queue: PendingWrite[] = []
  #scheduled = false

  constructor(path: string) {
    this.#database = new DatabaseSync(path)
    // FULL: each commit is synced, not only each checkpoint.
    this.#database.exec(`
      PRAGMA encoding = 'UTF-8';
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA cache_size = -65536;
      PRAGMA temp_store = MEMORY;
    `)
    migrate(this.#database)
  }

  /** The prepared statement for this SQL, prepared once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** Runs `change` in the next group; resolves with its result when that is durable, rejects with what it threw. */
  write<T>(change: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run: change, resolve, reject })
      if (!this.#scheduled) {
        this.#scheduled = true
        setImmediate(() => {
          this.#commitGroup()
        })
      }
    })
  }

  #commitGroup(): void {
    const group = this.#queue.slice(0, MAX_GROUP)
    this.#queue = this.#queue.slice(MAX_GROUP)
    this.#scheduled = this.#queue.length > 0
    if (this.#scheduled) {
      setImmediate(() => {
        this.#commitGroup()
      })
    }
    if (group.length === 0) return
    const done: (() => void)[] = []
    try {
      this.prepare('BEGIN IMMEDIATE').run()
      for (const { run, resolve, reject } of group) {
        this.prepare('SAVEPOINT one').run()
        try {
          const value = run() as never
          this.prepare('RELEASE one').run()
          done.push(() => {
            resolve(value)
          })
        } catch (error) {
          this.prepare('ROLLBACK TO one').run()
          this.prepare('RELEASE one').run()
          done.push(() => {
            reject(error)
          })
        }
      }
      this.prepare('COMMIT').run()
    } catch (error) {
      // A full or failing disk. SQLite may have rolled back by itself already.
      if (this.#database.isTransaction) this.prepare('ROLLBACK').run()
      for (const { reject } of group) reject(error)
      return
    }
    for (const settle of done) settle()
  }

  /** The next number of the one sequence that orders versions; only inside a write. */
  nextSequence(): number {
    const row = this.prepare(`UPDATE counter SET value = value + 1 WHERE name = 'sequence' RETURNING value`).get()
    return (row as { value: number }).value
  }

  /** Commits what is queued and closes. */
  close(): void {
    while (this.#queue.length > 0) this.#commitGroup()
    this.#database.close()
  }
}
