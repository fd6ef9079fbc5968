import { mkdir, open, opendir, readdir, rename, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { DigestThread } from '../../checksum/digest-thread.ts'
import type { DigestSet } from '../../checksum/digest-set.ts'
import { BlobDamageError } from './blob-damage-error.ts'
import { blobFolder, blobIdTime, isBlobId, makeBlobId } from './blob-id.ts'
import type { BlobId } from './blob-id.ts'
import { BlobFile } from './blob-file.ts'
import { BlobSink, INLINE_BYTES } from './blob-sink.ts'
import { BufferPool, isShared, SMALL_BYTES } from '../../memory/buffer-pool.ts'
import { freeMemory } from '../../memory/free-memory.ts'
import { Turns } from '../../memory/turns.ts'
import { PieceGatherer } from '../../memory/piece-gatherer.ts'
import { DiskRoom } from './disk-room.ts'
import { syncDirectory } from '../durable-file.ts'
import { FrameSums } from './frame-sums.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { fileBytes, readStored } from './read-stored.ts'
import type { PieceStream, StoredBytes } from './read-stored.ts'
import { openFrames, sealedRange, sealedSize } from './sealed-frames.ts'
import { readKeySeal } from '../keys/wrapped-key.ts'
import type { MakeDataKey } from '../keys/wrapped-key.ts'

/** A blob as the index knows it. */
export interface Blob {
  readonly id: BlobId
  /** Plain bytes. */
  readonly size: number
  readonly wrappedKey: Uint8Array | undefined
  /** Whether a checksum of each 64 KiB that lie in the file follows them. Else each frame has the tag of its encryption. */
  readonly isSummed: boolean
  /** What a file would hold, for a small blob that has none; undefined: the bytes lie in the file of its name. */
  readonly content: Uint8Array | undefined
}

export interface BlobWriteOptions {
  /** Encrypts with the data key that it makes; undefined: not at all. */
  readonly makeKey: MakeDataKey | undefined
  readonly digests: DigestSet
  /** Milliseconds since 1970. */
  readonly now: number
  /** Bytes that are coming; undefined when that is not known. */
  readonly length: number | undefined
  /** Called after the last byte, before anything is published; what it throws discards the blob. */
  readonly check: () => void
}

/** Bytes from which a stream is worth digesting in another thread, and writing past the page cache. */
const LARGE_BYTES = 524_288

/** Large pieces that are read at once. More are no quicker, neither from a disk nor from memory. */
const READ_AT_ONCE = 4

/** Opens a blob's data key. */
export type UnwrapKey = (wrapped: Uint8Array, id: BlobId) => Buffer

/**
 * The files that hold the bytes. A blob is written once under tmp/, synced, renamed to blobs/ and never changed; it
 * counts from the moment the index names it. Files the index does not name are leftovers of a crash, and are swept.
 */
export class BlobStore {
  readonly #temporary: string
  readonly #blobs: string
  readonly #keys: KeyRing
  readonly #openedAt: number
  readonly #room: DiskRoom
  readonly #buffers = new BufferPool()
  readonly #reading = { pool: this.#buffers, turns: new Turns(READ_AT_ONCE) }
  /** Absent where there is no second core to run it. */
  readonly #digestThread = availableParallelism() > 1 ? new DigestThread(this.#buffers.memory) : undefined
  readonly #pins = new Map<BlobId, number>()
  readonly #doomed = new Set<BlobId>()
  readonly #removals = new Set<Promise<void>>()

  private constructor(directory: string, keys: KeyRing, openedAt: number, isBallastHeld: () => boolean) {
    this.#temporary = join(directory, 'tmp')
    this.#blobs = join(directory, 'blobs')
    this.#keys = keys
    this.#openedAt = openedAt
    this.#room = new DiskRoom(directory, isBallastHeld)
  }

  /** Makes the folders that are missing and deletes what uploads have left in tmp/. Only for what is a store. */
  static async open(
    directory: string,
    keys: KeyRing,
    openedAt: number,
    isBallastHeld: () => boolean,
  ): Promise<BlobStore> {
    const store = new BlobStore(directory, keys, openedAt, isBallastHeld)
    await emptyTemporary(directory)
    await mkdir(store.#temporary, { recursive: true })
    await mkdir(store.#blobs, { recursive: true })
    const present = new Set(await readdir(store.#blobs))
    const folders = Array.from({ length: 256 }, (_, at) => at.toString(16).padStart(2, '0'))
    await Promise.all(folders.filter((name) => !present.has(name)).map((name) => mkdir(join(store.#blobs, name))))
    await syncDirectory(store.#blobs)
    await syncDirectory(directory)
    return store
  }

  /** The blobs of a directory that is looked at or repaired, as they lie there. Nothing is made and nothing emptied. */
  static inspect(directory: string, keys: KeyRing): BlobStore {
    return new BlobStore(directory, keys, 0, () => true)
  }

  #path(id: BlobId): string {
    return join(this.#blobs, blobFolder(id), id)
  }

  /**
   * Streams `source` into a synced file under its final name, or when it is small into memory. The caller puts it into
   * the index or calls `remove`. When the source or the disk fails nothing is left behind.
   *
   * @param source its pieces are copied at once: they need be good only until the next is asked for
   */
  async write(source: AsyncIterable<Buffer>, options: BlobWriteOptions): Promise<Blob> {
    const { makeKey, digests, now, length, check } = options
    // A small one goes through the journal and SQLite's log into the index.
    await this.#room.claim(Math.max(length ?? 0, 4 * INLINE_BYTES))
    // Never below the time of opening, though the clock went back: a sweep takes only what is older than that.
    const id = makeBlobId(Math.max(now, this.#openedAt))
    const dataKey = makeKey?.(id)
    const isSummed = dataKey === undefined || readKeySeal(dataKey.wrapped).kind !== 'ring'
    const temporary = join(this.#temporary, id)
    const isLarge = (length ?? 0) >= LARGE_BYTES
    const pool = this.#buffers
    using lease = pool.lease()
    const createFile = (): Promise<BlobFile> => BlobFile.create(temporary, isLarge)
    const sums = isSummed ? new FrameSums(id) : undefined
    const sink = new BlobSink({ key: dataKey?.key, sums, createFile, pool, lease })
    const first = lease.take((length ?? 0) > SMALL_BYTES ? 'large' : 'small')
    const remote = isLarge && isShared(first) ? this.#digestThread?.begin(digests.names) : undefined
    const digest = async (bytes: Buffer): Promise<void> => {
      if (remote === undefined) digests.update(bytes)
      else await remote.update(bytes)
    }
    const plain = new PieceGatherer({
      pool,
      lease,
      first,
      use: (piece) => allDone([digest(piece), sink.push(piece)]),
    })
    let content: Buffer | undefined
    try {
      for await (const chunk of source) await plain.push(chunk)
      const last = await plain.end()
      await digest(last)
      if (remote !== undefined) digests.adopt(await remote.end())
      check()
      const stored = await sink.end(last)
      if (Buffer.isBuffer(stored)) content = stored
      else await this.#publish(id, temporary, stored)
    } catch (error) {
      await remote?.abandon()
      await plain.settle()
      await sink.abandon()
      await unlink(temporary).catch(() => undefined)
      await unlink(this.#path(id)).catch(() => undefined)
      throw error
    }
    return { id, size: sink.size, wrappedKey: dataKey?.wrapped, isSummed, content }
  }

  /** Gives a written file its name, and makes both durable. */
  async #publish(id: BlobId, temporary: string, file: BlobFile): Promise<void> {
    // Nothing knows the name before both are synced: neither sync has to wait for the other.
    await rename(temporary, this.#path(id))
    await Promise.all([file.sync(), syncDirectory(join(this.#blobs, blobFolder(id)))])
    await file.close()
  }

  /** Keeps a blob's file until the returned pin is disposed, though the index may let go of it meanwhile. */
  pin(id: BlobId): Disposable {
    this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1)
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        const left = (this.#pins.get(id) ?? 1) - 1
        if (left > 0) {
          this.#pins.set(id, left)
          return
        }
        this.#pins.delete(id)
        if (this.#doomed.delete(id)) this.#unlink(id)
      },
    }
  }

  /**
   * Plain bytes `start` to `end` (exclusive), each frame verified before any of it is given. A piece is good
   * only until the next one is asked for.
   *
   * @param unwrap opens the data key; absent: with the key file's own keys
   * @throws BlobDamageError when the file is gone, cut or changed; what `unwrap` throws
   */
  read(blob: Blob, start: number, end: number, unwrap?: UnwrapKey): PieceStream {
    return blob.wrappedKey === undefined
      ? this.#readStored(blob, start, end, this.#sumsOf(blob))
      : this.#readSealed(blob, blob.wrappedKey, start, end, unwrap)
  }

  /**
   * The whole file verified, without a key that is not in the key file: what somebody else's key encrypted comes as it lies
   * there. A piece is good only until the next one is asked for.
   *
   * @throws BlobDamageError as `read`
   */
  verify(blob: Blob): PieceStream {
    return blob.isSummed
      ? this.#readStored(blob, 0, storedSize(blob), this.#sumsOf(blob))
      : this.read(blob, 0, blob.size)
  }

  async *#readSealed(blob: Blob, wrappedKey: Uint8Array, start: number, end: number, unwrap?: UnwrapKey): PieceStream {
    if (start >= end) return
    const key = unwrap?.(wrappedKey, blob.id) ?? this.#keys.unwrap(wrappedKey, blob.id)
    const sealed = sealedRange(blob.size, start, end)
    // Each frame has its tag: checksums would tell nothing more.
    const pieces = this.#readStored(blob, sealed.start, sealed.end, undefined)
    for await (const frame of openFrames(pieces, key, blob, start, end)) {
      yield frame
      freeMemory(frame)
    }
  }

  /** Bytes as they lie in the file, verified by `sums` if they are given. */
  #readStored(blob: Blob, start: number, end: number, sums: FrameSums | undefined): PieceStream {
    return blob.content === undefined
      ? readStored(() => this.#open(blob), storedBytes(blob), start, end, sums, this.#reading)
      : readInline(blob, blob.content, start, end, sums)
  }

  #sumsOf({ isSummed, id }: Blob): FrameSums | undefined {
    return isSummed ? new FrameSums(id) : undefined
  }

  async #open({ id }: Blob): Promise<FileHandle> {
    try {
      return await open(this.#path(id), 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new BlobDamageError(id, 'missing', error)
      throw error
    }
  }

  /**
   * Compares the file's size with what was written. Cheap; its bytes are not looked at.
   *
   * @throws BlobDamageError missing or cut
   */
  async checkSize(blob: Blob): Promise<void> {
    if (blob.content !== undefined) {
      if (blob.content.length !== fileBytes(storedBytes(blob))) throw new BlobDamageError(blob.id, 'cut')
      return
    }
    let size: number
    try {
      ;({ size } = await stat(this.#path(blob.id)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new BlobDamageError(blob.id, 'missing', error)
      throw error
    }
    if (size !== fileBytes(storedBytes(blob))) throw new BlobDamageError(blob.id, 'cut')
  }

  /** Deletes files the index no longer names, pinned ones when their last reader is done. Failures are left to a sweep. */
  remove(ids: Iterable<BlobId>): void {
    for (const id of ids) {
      if (this.#pins.has(id)) this.#doomed.add(id)
      else this.#unlink(id)
    }
  }

  #unlink(id: BlobId): void {
    const removal = unlink(this.#path(id))
      .catch(() => undefined)
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }

  /**
   * Removes files older than this opening that `isReferenced` does not know. Works in small steps so that requests go
   * on beside it. Resolves with how many it removed.
   */
  async sweep(isReferenced: (id: BlobId) => boolean, stopped: () => boolean): Promise<number> {
    let removed = 0
    for (const folder of await foldersOf(this.#blobs)) {
      const directory = await opendir(join(this.#blobs, folder))
      for await (const entry of directory) {
        if (stopped()) return removed
        const id = entry.name
        if (!isBlobId(id) || blobIdTime(id) >= this.#openedAt || isReferenced(id)) continue
        await unlink(join(this.#blobs, folder, id)).catch(() => undefined)
        removed += 1
      }
    }
    return removed
  }

  /** Every file that has a blob's name, in no order. */
  async *files(): AsyncGenerator<BlobId, void, undefined> {
    for (const folder of await foldersOf(this.#blobs)) {
      for await (const { name } of await opendir(join(this.#blobs, folder))) if (isBlobId(name)) yield name
    }
  }

  /** Moves a blob's file, if there is one, to a folder of the same file system. */
  async moveAway(id: BlobId, folder: string): Promise<void> {
    await rename(this.#path(id), join(folder, id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }

  /** Waits for deletions under way. */
  async close(): Promise<void> {
    await this.#digestThread?.close()
    await Promise.all(this.#removals)
  }
}

/** The folders of blobs, which alone are looked into; none where there are no blobs at all. */
const foldersOf = async (blobs: string): Promise<string[]> => {
  const names = await readdir(blobs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => /^[0-9a-f]{2}$/.test(name))
}

/** Whether a directory has any blob at all. */
export const hasBlobs = async (directory: string): Promise<boolean> => {
  const blobs = join(directory, 'blobs')
  for (const folder of await foldersOf(blobs)) {
    if ((await readdir(join(blobs, folder))).some(isBlobId)) return true
  }
  return false
}

/** Deletes what uploads that were cut off have left, and nothing else that may lie there. */
export const emptyTemporary = async (directory: string): Promise<void> => {
  const folder = join(directory, 'tmp')
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names) if (isBlobId(name)) await unlink(join(folder, name))
}

/** As `readStored`, of a blob that has no file; never more than one frame. */
async function* readInline(
  blob: Blob,
  content: Uint8Array,
  start: number,
  end: number,
  sums: FrameSums | undefined,
): PieceStream {
  if (start >= end) return
  const size = storedSize(blob)
  if (content.length !== fileBytes(storedBytes(blob))) throw new BlobDamageError(blob.id, 'cut')
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const stored = bytes.subarray(0, size)
  if (sums?.match(0, stored, bytes, size) === false) throw new BlobDamageError(blob.id, 'changed')
  yield stored.subarray(start, end)
}

/** Waits for all of them, whatever becomes of any. */
const allDone = async (jobs: readonly Promise<void>[]): Promise<void> => {
  await Promise.allSettled(jobs)
  await Promise.all(jobs)
}

/** Bytes that lie in a blob's file before the checksums. */
const storedSize = ({ size, wrappedKey }: Blob): number => (wrappedKey === undefined ? size : sealedSize(size))

const storedBytes = (blob: Blob): StoredBytes => ({
  id: blob.id,
  size: storedSize(blob),
  isSummed: blob.isSummed,
})
