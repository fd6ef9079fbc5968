import { execFile } from 'node:child_process'
import { readdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { listBases } from './base-file.ts'
import { Journal } from './journal.ts'

const run = promisify(execFile)
const PROGRAM = fileURLToPath(new URL(`./make-index-base${extname(import.meta.url)}`, import.meta.url))

const MIN_JOURNAL_BYTES = 128 * 1024 * 1024
/** Bytes of the disk that a base leaves free beside itself. */
const ROOM_BYTES = 64 * 1024 * 1024

/**
 * Keeps the journal from growing without end: once it is larger than the index, a copy of the index (a base) takes the
 * place of the entries up to there. Made by a process of its own beside the requests.
 */
export class IndexBase {
  readonly #index: string
  readonly #directory: string
  readonly #journal: Journal
  readonly #minBytes: number
  readonly #stopping = new AbortController()
  /** Bytes of journal from which a base is thought of. */
  #due: number
  #making: Promise<void> | undefined

  private constructor(index: string, directory: string, journal: Journal, minBytes: number, isNeeded: boolean) {
    this.#index = index
    this.#directory = directory
    this.#journal = journal
    this.#minBytes = minBytes
    this.#due = isNeeded ? 0 : minBytes
  }

  /** @param minBytes bytes of journal that are worth a base at least */
  static async open(
    index: string,
    directory: string,
    journal: Journal,
    minBytes = MIN_JOURNAL_BYTES,
  ): Promise<IndexBase> {
    for (const name of await readdir(directory)) {
      if (/^base-[0-9]+\.new(-journal)?$/.test(name)) await rm(join(directory, name), { force: true })
    }
    const gap = await Journal.gapAt(directory)
    const [newest] = await listBases(directory)
    return new IndexBase(index, directory, journal, minBytes, gap !== undefined && (newest?.position ?? -1) < gap)
  }

  /** To be called when the journal has grown; begins to make a base when it is time. */
  consider(): void {
    if (this.#making !== undefined || this.#journal.bytes < this.#due || this.#stopping.signal.aborted) return
    this.#making = this.#make()
      // Tried again when the journal has grown some more; meanwhile it just stays longer.
      .catch(() => undefined)
      .finally(() => {
        this.#making = undefined
      })
  }

  /** Ends a base under way; a later one takes its place. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#making
  }

  async #make(): Promise<void> {
    const wasNeeded = this.#due === 0
    const { size } = await stat(this.#index)
    const { bavail, bsize } = await statfs(dirname(this.#index))
    const worth = Math.max(this.#minBytes, size)
    const isTime = wasNeeded || this.#journal.bytes >= worth
    this.#due = Math.max(worth, this.#journal.bytes + this.#minBytes / 2)
    // A base must not be what fills the disk.
    if (!isTime || bavail * bsize < 2 * size + ROOM_BYTES) return
    const { stdout } = await run(process.execPath, [PROGRAM, this.#index, this.#directory], {
      signal: this.#stopping.signal,
      killSignal: 'SIGKILL',
      env: {},
    })
    await this.#journal.dropBefore(Number(stdout))
    this.#due = worth
  }
}
