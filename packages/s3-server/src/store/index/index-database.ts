import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { INDEX_SCHEMA, positionOf, prepareIndex } from './index-schema.ts'
import { IndexCheckpoints } from './index-checkpoints.ts'
import { IndexBase } from './index-base.ts'
import type { BaseSource } from './index-base.ts'
import { Journal } from './journal.ts'
import type { Ballast } from '../ballast.ts'
import { isFullDisk } from '../is-full-disk.ts'
import { replayJournal } from './replay-journal.ts'

interface PendingWrite {
  readonly run: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** How many writes share one transaction at most: bounds how long the event loop stands still for one commit. */
const MAX_GROUP = 128

/** Free pages that are given back at once, and that are worth it at all. */
const SHRINK_PAGES = 256
const MIN_FREE_PAGES = 512

/** Statements that may run outside a write: whatever else would change the index without the journal. */
const READING = /^\s*(SELECT|WITH|PRAGMA|REINDEX)\b/i

const openConnection = (path: string, readOnly: boolean): DatabaseSync => {
  const database = new DatabaseSync(path, { readOnly, timeout: 10_000 })
  // In KiB. What others commit empties the reader's cache, so that a large one is of no use to it.
  database.exec(`PRAGMA cache_size = -${readOnly ? 4096 : 32_768}; PRAGMA temp_store = MEMORY`)
  return database
}

/** A connection with its prepared statements. */
class Connection {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.database = database
  }

  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/**
 * The SQLite index: which keys there are and which blobs hold them.
 *
 * Writes are grouped: all that wait share one transaction, each in its own savepoint, so that one that throws takes
 * nothing else with it. What the transaction changes is appended to the journal and synced there, off the event loop;
 * then the promises resolve. What was written survives a power loss from then on, and is seen by nobody before.
 */
export class IndexDatabase {
  readonly #writer: Connection
  /** Sees what is durable while the writer is at work. */
  readonly #reader: Connection
  readonly #journal: Journal
  readonly #base: IndexBase
  readonly #checkpoints: IndexCheckpoints
  readonly #isKeptUp: boolean
  readonly #ballast: Ballast | undefined
  #position: number
  #queue: PendingWrite[] = []
  #running: Promise<void> | undefined
  #isChanging = false
  #isCommitting = false
  readonly #afterGroup: (() => void)[] = []
  readonly #between: (() => Promise<void>)[] = []
  #shrinking: Promise<void> | undefined
  #isClosing = false
  readonly #readable = new Set<string>()
  readonly #baseSource: BaseSource = {
    usedBytes: () => (this.#pragma('page_count') - this.#pragma('freelist_count')) * this.#pragma('page_size'),
    between: (action) => this.#runBetween(action),
    made: () => this.#copyLog(),
  }

  private constructor(
    path: string,
    database: DatabaseSync,
    journal: Journal,
    base: IndexBase,
    { upkeep, ballast }: { readonly upkeep: boolean; readonly ballast: Ballast | undefined },
  ) {
    this.#isKeptUp = upkeep
    this.#ballast = ballast
    this.#writer = new Connection(database)
    this.#reader = new Connection(openConnection(path, true))
    this.#journal = journal
    this.#base = base
    this.#position = positionOf(database)
    this.#checkpoints = new IndexCheckpoints(path, () => this.#copyLog())
  }

  /**
   * Opens the index, made when missing, as the journal says that it was left.
   *
   * @param upkeep whether to give room back and make bases, beside the requests of a server
   * @param ballast let go of when the disk is full
   * @throws JournalDamageError; IndexSchemaError; Error for an index that does not belong to the journal
   */
  static async open(path: string, journalDir: string, upkeep = true, ballast?: Ballast): Promise<IndexDatabase> {
    const database = openConnection(path, false)
    try {
      prepareIndex(database, path)
      // NORMAL: synced at checkpoints. In between the journal has what a power loss may take from here.
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA journal_size_limit = 0;
        PRAGMA wal_autocheckpoint = 16384;
      `)
      await replayJournal(database, journalDir)
      const salt = randomBytes(4).readUInt32LE()
      const journal = await Journal.open(journalDir, positionOf(database), INDEX_SCHEMA, salt)
      const base = await IndexBase.open(path, journalDir, journal)
      const index = new IndexDatabase(path, database, journal, base, { upkeep, ballast })
      index.#keepUp()
      return index
    } catch (error) {
      database.close()
      throw error
    }
  }

  /**
   * The prepared statement for this SQL, prepared once. To be run at once: within a write it works on what the write has
   * changed, outside on what is durable.
   *
   * @throws Error for one that changes something outside a write
   */
  prepare(sql: string): StatementSync {
    if (this.#isChanging) return this.#writer.prepare(sql)
    if (!this.#readable.has(sql)) {
      if (!READING.test(sql)) throw new Error(`outside a write: ${sql}`)
      this.#readable.add(sql)
    }
    // The writer's connection, when it is idle, has the warmer cache.
    return this.#isCommitting ? this.#reader.prepare(sql) : this.#writer.prepare(sql)
  }

  /** Runs `change` in the next group; resolves with its result when that is durable, rejects with what it threw. */
  write<T>(change: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run: change, resolve, reject })
      this.#running ??= this.#commitQueue()
    })
  }

  async #commitQueue(): Promise<void> {
    // What else this turn of the event loop asks for shares the group.
    await new Promise(setImmediate)
    while (this.#queue.length > 0 || this.#between.length > 0) {
      for (const action of this.#between.splice(0)) await action()
      if (this.#queue.length > 0) await this.#commitGroup(this.#queue.splice(0, MAX_GROUP))
    }
    this.#running = undefined
  }

  /** Runs `action` when no transaction is open. */
  #runBetween(action: () => Promise<void> | void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#between.push(async () => {
        try {
          resolve(await action())
        } catch (error) {
          reject(error as Error)
        }
      })
      this.#running ??= this.#commitQueue()
    })
  }

  /** What is done for the disk's sake once in a while, beside the requests. Fails silently: it is tried again. */
  #keepUp(): void {
    if (!this.#isKeptUp) return
    this.#base.consider(this.#baseSource)
    if (!this.#hasMuchFree(4)) return
    this.#shrinking ??= this.#shrink()
      .catch(() => undefined)
      .finally(() => {
        this.#shrinking = undefined
      })
  }

  /** Gives free pages of the file back to the disk, some at a time. */
  async #shrink(): Promise<void> {
    for (let before = Number.POSITIVE_INFINITY; this.#hasMuchFree(8) && !this.#isClosing;) {
      const free = this.#pragma('freelist_count')
      // It keeps its pages: not now.
      if (free >= before) return
      before = free
      await this.#runBetween(() => {
        this.#writer.database.exec(`PRAGMA incremental_vacuum(${SHRINK_PAGES})`)
      })
      await new Promise(setImmediate)
    }
    // The file gets shorter only with that.
    await this.#copyLog()
  }

  /** Copies SQLite's log into the index, as far as no reader stands in the way. */
  #copyLog(): Promise<void> {
    return this.#runBetween(() => {
      this.#writer.database.exec('PRAGMA wal_checkpoint(PASSIVE)')
    })
  }

  #hasMuchFree(part: number): boolean {
    const free = this.#pragma('freelist_count')
    return free > MIN_FREE_PAGES && free > this.#pragma('page_count') / part
  }

  #pragma(name: 'page_count' | 'freelist_count' | 'page_size'): number {
    return (this.#writer.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name] ?? 0
  }

  async #commitGroup(group: readonly PendingWrite[]): Promise<void> {
    const settle: (() => void)[] = []
    this.#ballast?.check()
    this.#isCommitting = true
    try {
      this.#writer.prepare('BEGIN IMMEDIATE').run()
      const change = this.#runGroup(group, settle)
      if (change.length === 0) this.#writer.prepare('COMMIT').run()
      else await this.#commitDurably(change)
    } catch (error) {
      // The client's next try has room then.
      if (isFullDisk(error)) this.#ballast?.release()
      // A full or failing disk. SQLite may have rolled back by itself already.
      if (this.#writer.database.isTransaction) this.#writer.prepare('ROLLBACK').run()
      settle.splice(0)
      for (const { reject } of group) {
        settle.push(() => {
          reject(error)
        })
      }
    }
    this.#isCommitting = false
    for (const action of this.#afterGroup.splice(0)) action()
    for (const done of settle) done()
    this.#checkpoints.consider()
    this.#keepUp()
  }

  /**
   * Commits the open transaction while the journal is being synced, which takes as long. Until it is, reads see the index
   * as it was before.
   *
   * @param change what the transaction changed
   */
  async #commitDurably(change: Uint8Array): Promise<void> {
    await this.#journal.append(this.#position + 1, change)
    this.#reader.prepare('BEGIN').run()
    try {
      // The view begins with the first read.
      this.#reader.prepare('SELECT position FROM journal').get()
      const synced = this.#journal.sync()
      try {
        this.#writer.prepare('COMMIT').run()
      } catch (error) {
        await synced
        await this.#journal.retract()
        throw error
      }
      this.#position += 1
      await synced
    } finally {
      this.#reader.prepare('COMMIT').run()
    }
  }

  /** Runs the changes of a group in the open transaction; gives what they changed as a patchset, empty for nothing. */
  #runGroup(group: readonly PendingWrite[], settle: (() => void)[]): Uint8Array {
    using session = this.#writer.database.createSession()
    this.#isChanging = true
    try {
      for (const { run, resolve, reject } of group) {
        this.#writer.prepare('SAVEPOINT one').run()
        try {
          const value = run() as never
          settle.push(() => {
            resolve(value)
          })
        } catch (error) {
          this.#writer.prepare('ROLLBACK TO one').run()
          settle.push(() => {
            reject(error)
          })
        }
        this.#writer.prepare('RELEASE one').run()
      }
      const change = session.patchset()
      if (change.length > 0) this.#writer.prepare('UPDATE journal SET position = ?').run(this.#position + 1)
      return change
    } finally {
      this.#isChanging = false
    }
  }

  /** Whether the caller is inside of a write. */
  get isChanging(): boolean {
    return this.#isChanging
  }

  /** Runs `action` once when the transaction under way is committed or rolled back, before anyone learns of it. */
  afterGroup(action: () => void): void {
    this.#afterGroup.push(action)
  }

  /** The next number of the one sequence that orders versions; only inside a write. */
  nextSequence(): number {
    const row = this.prepare(`UPDATE counter SET value = value + 1 WHERE name = 'sequence' RETURNING value`).get()
    return (row as { value: number }).value
  }

  /** Commits what is queued and closes. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#base.close()
    await this.#checkpoints.close()
    await this.#shrinking
    await this.#running
    await this.#journal.close()
    this.#reader.database.close()
    this.#writer.database.close()
  }
}
