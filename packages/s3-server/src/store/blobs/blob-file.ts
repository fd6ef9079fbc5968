import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { ALIGNMENT, isAligned } from '../../memory/buffer-pool.ts'

/** Undefined where the system has none. */
const O_DIRECT: number | undefined = constants.O_DIRECT
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL

const isRefusal = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EINVAL'

/**
 * A new file. What is large goes past the page cache where that is possible: the copy there costs more than all else that
 * is done with the bytes, and pushes out what others read.
 *
 * @see https://man7.org/linux/man-pages/man2/open.2.html for O_DIRECT
 */
export class BlobFile {
  readonly #path: string
  readonly #direct: FileHandle | undefined
  #ordinary: Promise<FileHandle> | undefined

  private constructor(path: string, direct: FileHandle | undefined) {
    this.#path = path
    this.#direct = direct
  }

  static async create(path: string, isLarge: boolean): Promise<BlobFile> {
    if (isLarge && O_DIRECT !== undefined) {
      try {
        return new BlobFile(path, await open(path, NEW_FILE | O_DIRECT, 0o600))
      } catch (error) {
        if (!isRefusal(error)) throw error
        // Not on this file system, which may have made the file all the same.
      }
    }
    const file = new BlobFile(path, undefined)
    file.#ordinary = open(path, 'w', 0o600)
    await file.#ordinary
    return file
  }

  /** Writes bytes at their place; they must not change before it resolves. Several writes may be under way. */
  async write(bytes: Buffer, position: number): Promise<void> {
    const aligned = isAligned(bytes) && position % ALIGNMENT === 0 ? bytes.length - (bytes.length % ALIGNMENT) : 0
    const done = (await this.#writeDirect(bytes.subarray(0, aligned), position)) ? aligned : 0
    if (done < bytes.length) await writeWhole(await this.#openOrdinary(), bytes.subarray(done), position + done)
  }

  /** Makes what was written durable, whichever way it was. */
  async sync(): Promise<void> {
    await (this.#direct ?? (await this.#openOrdinary())).sync()
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct?.close(), this.#ordinary?.then((handle) => handle.close())])
  }

  async #writeDirect(bytes: Buffer, position: number): Promise<boolean> {
    if (this.#direct === undefined || bytes.length === 0) return false
    try {
      await writeWhole(this.#direct, bytes, position)
      return true
    } catch (error) {
      if (!isRefusal(error)) throw error
      // A disk of larger blocks.
      return false
    }
  }

  #openOrdinary(): Promise<FileHandle> {
    this.#ordinary ??= open(this.#path, 'r+')
    return this.#ordinary
  }
}

const writeWhole = async (handle: FileHandle, bytes: Buffer, position: number): Promise<void> => {
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, position)
  if (bytesWritten !== bytes.length) {
    throw Object.assign(new Error('The disk took only part of a write.'), { code: 'ENOSPC' })
  }
}
