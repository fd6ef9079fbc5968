import { fdatasync, writeSync } from 'node:fs'
import { mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../durable-file.ts'
import {
  decodeSegment,
  decodeSegmentHead,
  encodeEntry,
  encodeSegmentHead,
  ENTRY_HEAD_BYTES,
  JournalDamageError,
  SEGMENT_HEAD_BYTES,
} from './journal-segment.ts'
import type { JournalEntry, SegmentContent, SegmentHead } from './journal-segment.ts'

/** Bytes of zeros that a segment grows by ahead of its entries: a sync then has no new length to record. */
const GROWTH_BYTES = 1024 * 1024
/** Bytes after which the next entry begins a new segment. */
const SEGMENT_BYTES = 64 * 1024 * 1024
/** Bytes that are handed to the operating system without waiting for a thread. */
const QUICK_BYTES = 256 * 1024

interface Segment extends SegmentHead {
  readonly path: string
  readonly bytes: number
}

/** What was appended last may or may not be on the disk. Only the next start can tell. */
export class JournalFailure extends Error {
  constructor(cause: unknown) {
    super('The journal could not be synced; nothing is changed until the server is started again.', { cause })
    this.name = 'JournalFailure'
  }
}

/** Where the journal of a data directory lies. */
export const journalDirectory = (dataDir: string): string => join(dataDir, 'journal')

const segmentPath = (directory: string, after: number): string =>
  join(directory, `${String(after).padStart(16, '0')}.log`)

const readHead = async (path: string): Promise<SegmentHead | undefined> => {
  const handle = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES)
    await handle.read(bytes, 0, bytes.length, 0)
    return decodeSegmentHead(bytes)
  } finally {
    await handle.close()
  }
}

/** The segments there are, in order. One whose head was never finished holds nothing and is left out. */
const listSegments = async (directory: string): Promise<readonly Segment[]> => {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const segments: Segment[] = []
  for (const name of names.filter((file) => /^[0-9]{16}\.log$/.test(file)).toSorted()) {
    const path = join(directory, name)
    const head = await readHead(path)
    if (head !== undefined) segments.push({ ...head, path, bytes: (await stat(path)).size })
  }
  return segments
}

const readSegment = async (segment: Segment): Promise<SegmentContent> =>
  decodeSegment(segment.path, await readFile(segment.path), segment)

export interface ReplayStep extends JournalEntry {
  /** Of the index when the entry was made. */
  readonly schema: number
}

/**
 * What changed the index, in order: each group of changes is appended and synced here before anyone learns of it; the index itself is synced later and less often. After a crash the entries that the index lacks are applied to it
 * again; from a base (a copy of the whole index) and the entries since, the index can be made anew.
 */
export class Journal {
  readonly #directory: string
  #handle: FileHandle | undefined
  #head: SegmentHead | undefined
  /** Of the last entry. */
  #position = 0
  #end = 0
  #allocated = 0
  #last = { at: 0, allocated: 0 }
  #failure: JournalFailure | undefined
  /** Bytes of all segments but the newest. */
  #closedBytes = 0

  private constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * The entries after `position`, oldest first.
   *
   * @throws JournalDamageError when one of them is missing or damaged
   */
  static async *replay(directory: string, position: number): AsyncGenerator<ReplayStep, void, undefined> {
    const segments = await listSegments(directory)
    let reached = position
    for (const [at, segment] of segments.entries()) {
      const next = segments[at + 1]
      if (next !== undefined && next.after <= position) continue
      if (segment.after > reached) {
        const gap = `the entries ${reached + 1} to ${segment.after} before it are missing`
        throw new JournalDamageError(segment.path, segment.after, gap)
      }
      const { entries, damage } = await readSegment(segment)
      for (const entry of entries) {
        if (entry.sequence <= reached) continue
        yield { ...entry, schema: segment.schema }
        reached = entry.sequence
      }
      // Damage to what an index has already is none to that index.
      if (damage !== undefined && damage.upTo > position) throw damage
    }
  }

  /** Opens the journal for entries that follow `position`, which is where a replay ended. */
  static async open(directory: string, position: number, schema: number, salt: number): Promise<Journal> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const journal = new Journal(directory)
    journal.#position = position
    const segments = await listSegments(directory)
    journal.#closedBytes = segments.reduce((sum, { bytes }) => sum + bytes, 0)
    const last = segments.at(-1)
    const content = last === undefined ? undefined : await readSegment(last)
    // Otherwise the journal ends before the index does: it was lost or damaged, or the index came from a backup.
    const continues =
      last === undefined || content === undefined
        ? position === 0
        : content.damage === undefined && last.after + content.entries.length === position
    if (last?.schema === schema && content !== undefined && continues) {
      const handle = await open(last.path, 'r+')
      // What a torn entry left, and zeros.
      await handle.truncate(content.end)
      journal.#use(handle, last, content.end)
      journal.#closedBytes -= last.bytes
    } else await journal.#begin({ schema, after: position, continues, salt })
    return journal
  }

  /** Bytes of all segments. */
  get bytes(): number {
    return this.#closedBytes + this.#end
  }

  /** Lets the entries that follow begin a segment of their own. Not while one is being appended. */
  async beginSegment(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#end > SEGMENT_HEAD_BYTES) await this.#rotate(this.#position)
  }

  /**
   * Hands an entry to the operating system: it survives the end of the process, and after `sync` a power loss too. One
   * call at a time.
   *
   * @throws what the disk says, and then nothing of the entry will be seen again; JournalFailure when that is not certain
   */
  async append(sequence: number, payload: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#end >= SEGMENT_BYTES) await this.#rotate(sequence - 1)
    const { handle, head } = this.#current()
    const entry = encodeEntry(head.salt, sequence, payload)
    this.#last = { at: this.#end, allocated: this.#allocated }
    const end = this.#end + entry.length
    try {
      if (entry.length <= QUICK_BYTES) writeNow(handle, entry, this.#end)
      else await writeAll(handle, entry, this.#end)
      if (end > this.#allocated) {
        const allocated = Math.ceil(end / GROWTH_BYTES) * GROWTH_BYTES
        await writeAll(handle, Buffer.alloc(allocated - end), end)
        this.#allocated = allocated
      }
    } catch (error) {
      await this.#undo()
      throw error
    }
    this.#end = end
    this.#position = sequence
  }

  /** Resolves when what was appended is durable. @throws JournalFailure */
  sync(): Promise<void> {
    const { handle } = this.#current()
    return new Promise((resolve, reject) => {
      fdatasync(handle.fd, (error) => {
        if (error === null) resolve()
        else reject(this.#fail(error))
      })
    })
  }

  /** Takes back the entry that was appended last, durably: the index could not follow. @throws JournalFailure */
  async retract(): Promise<void> {
    this.#end = this.#last.at
    this.#position -= 1
    await this.#undo()
  }

  /** Whether the directory has ever taken an entry, or can say that there was none. */
  static async exists(directory: string): Promise<boolean> {
    return (await listSegments(directory)).length > 0
  }

  /** After which entry a base is needed before the index can be made from the journal; undefined: from the first one on. */
  static async gapAt(directory: string): Promise<number | undefined> {
    return (await listSegments(directory)).findLast(({ continues }) => !continues)?.after
  }

  /** The directory's files that a base as of `position` makes needless are deleted. */
  async dropBefore(position: number): Promise<void> {
    const segments = await listSegments(this.#directory)
    for (const [at, { path, bytes }] of segments.entries()) {
      const next = segments[at + 1]
      if (next === undefined || next.after > position) continue
      await unlink(path)
      this.#closedBytes -= bytes
    }
  }

  async close(): Promise<void> {
    const { handle } = this.#current()
    // Without the zeros. Not needed: a start finds the end by itself.
    if (this.#failure === undefined) await handle.truncate(this.#end).catch(() => undefined)
    await handle.close()
  }

  #current(): { readonly handle: FileHandle; readonly head: SegmentHead } {
    if (this.#handle === undefined || this.#head === undefined) throw new Error('the journal is not open')
    return { handle: this.#handle, head: this.#head }
  }

  #use(handle: FileHandle, head: SegmentHead, end: number): void {
    this.#handle = handle
    this.#head = head
    this.#end = end
    this.#allocated = end
  }

  async #begin(head: SegmentHead): Promise<void> {
    // Over what a crash may have left of it.
    const handle = await open(segmentPath(this.#directory, head.after), 'w+', 0o600)
    try {
      await writeAll(handle, encodeSegmentHead(head), 0)
      await handle.sync()
      await syncDirectory(this.#directory)
    } catch (error) {
      await handle.close()
      throw error
    }
    this.#use(handle, head, SEGMENT_HEAD_BYTES)
  }

  async #rotate(after: number): Promise<void> {
    const { handle, head } = this.#current()
    const bytes = this.#end
    await this.#begin({ ...head, after, continues: true })
    this.#closedBytes += bytes
    await handle.truncate(bytes)
    await handle.close()
  }

  /** Makes sure that what was written from the end on is never read as an entry. */
  async #undo(): Promise<void> {
    const { handle } = this.#current()
    const { at, allocated } = this.#last
    try {
      await handle.truncate(Math.max(at, allocated))
      // Within what is allocated this takes no room, so that it works on a full disk.
      if (at < allocated) await writeAll(handle, Buffer.alloc(Math.min(ENTRY_HEAD_BYTES, allocated - at)), at)
      await handle.datasync()
      this.#allocated = Math.max(at, allocated)
    } catch (error) {
      throw this.#fail(error)
    }
  }

  #fail(cause: unknown): JournalFailure {
    this.#failure = new JournalFailure(cause)
    return this.#failure
  }
}

const noRoom = (): Error => Object.assign(new Error('The disk took nothing of a write.'), { code: 'ENOSPC' })

const writeNow = ({ fd }: FileHandle, bytes: Buffer, position: number): void => {
  for (let at = 0; at < bytes.length;) {
    const written = writeSync(fd, bytes, at, bytes.length - at, position + at)
    if (written === 0) throw noRoom()
    at += written
  }
}

const writeAll = async (handle: FileHandle, bytes: Buffer, position: number): Promise<void> => {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at)
    if (bytesWritten === 0) throw noRoom()
    at += bytesWritten
  }
}
