import { execFile } from 'node:child_process'
import { readdir, rm, statfs } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { listBases } from './base-file.ts'
import { reserveOf } from '../blobs/disk-room.ts'
import { Journal } from './journal.ts'

const run = promisify(execFile)
const PROGRAM = fileURLToPath(new URL(`./make-index-base${extname(import.meta.url)}`, import.meta.url))

const MIB = 1024 * 1024

/** What a base is made of. */
export interface BaseSource {
  /** Bytes that the index has in use. */
  readonly usedBytes: () => number
  /** Runs an action on the journal when no entry is being written. */
  readonly between: (action: () => Promise<void>) => Promise<void>
  /** Called when a base is made, which kept the index from giving room back meanwhile. */
  readonly made: () => Promise<void>
}

/** Milliseconds after which a base that could not be made is thought of again. */
const RETRY = 1000

/**
 * Keeps the journal from growing without end: once it is larger than what the index holds, a copy of the index (a base)
 * takes the place of the entries up to there. Made by a process of its own beside the requests.
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
  #retry: NodeJS.Timeout | undefined

  private constructor(index: string, directory: string, journal: Journal, minBytes: number, isNeeded: boolean) {
    this.#index = index
    this.#directory = directory
    this.#journal = journal
    this.#minBytes = minBytes
    this.#due = isNeeded ? 0 : minBytes
  }

  static async open(index: string, directory: string, journal: Journal): Promise<IndexBase> {
    for (const name of await readdir(directory)) {
      if (/^base-[0-9]+\.new(-journal)?$/.test(name)) await rm(join(directory, name), { force: true })
    }
    const gap = await Journal.gapAt(directory)
    const [newest] = await listBases(directory)
    const { blocks, bsize } = await statfs(directory)
    // Bytes of journal that are worth a base at least: 128 MiB, and less on a small disk.
    const minBytes = Math.min(128 * MIB, Math.max(2 * MIB, (blocks * bsize) / 64))
    return new IndexBase(index, directory, journal, minBytes, gap !== undefined && (newest?.position ?? -1) < gap)
  }

  /** To be called when the journal has grown or the index shrunk; begins to make a base when it is time. */
  consider(source: BaseSource): void {
    const { bytes } = this.#journal
    if (this.#making !== undefined || this.#retry !== undefined) return
    if (bytes < this.#due || this.#stopping.signal.aborted) return
    const used = source.usedBytes()
    if (this.#due > 0 && bytes < used) return
    this.#making = this.#make(source, used)
      .catch(() => {
        // No room, say. Until there is, the journal just stays longer.
        this.#retry = setTimeout(() => {
          this.#retry = undefined
          this.consider(source)
        }, RETRY).unref()
      })
      .finally(() => {
        this.#making = undefined
      })
  }

  /** Ends a base under way; a later one takes its place. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#making
    clearTimeout(this.#retry)
  }

  async #make({ between, made }: BaseSource, used: number): Promise<void> {
    const { bavail, blocks, bsize } = await statfs(dirname(this.#index))
    // A base must not be what fills the disk, nor take what is kept free for deletions.
    if (bavail * bsize < used + reserveOf(blocks * bsize)) throw new Error('there is no room for a base')
    // What is there now is then in segments that can go.
    await between(() => this.#journal.beginSegment())
    const { stdout } = await run(process.execPath, [PROGRAM, this.#index, this.#directory], {
      signal: this.#stopping.signal,
      killSignal: 'SIGKILL',
      env: {},
    })
    await this.#journal.dropBefore(Number(stdout))
    this.#due = this.#minBytes
    await made()
  }
}
