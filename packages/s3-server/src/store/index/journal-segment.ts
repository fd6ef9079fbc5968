import { crc32 } from 'node:zlib'

/** Bytes before the first entry of a segment. */
export const SEGMENT_HEAD_BYTES = 28
/** Bytes before the payload of an entry. */
export const ENTRY_HEAD_BYTES = 20

const SEGMENT_MAGIC = 0x31_4a_4b_53
const ENTRY_MAGIC = 0x59_52_54_4e
const ENTRY_MARK = Buffer.from('NTRY')

/** What a segment is of: entries whose numbers follow `after`, for an index of this schema. */
export interface SegmentHead {
  readonly schema: number
  readonly after: number
  /** Whether the entry numbered `after` is in the segment before, or there is none. Else only a base leads up to it. */
  readonly continues: boolean
  /** Random; no entry's checksum can be made without it, so that no content can pass for an entry. */
  readonly salt: number
}

/** One committed group: its place in the one order of all changes, and the change (an SQLite patchset). */
export interface JournalEntry {
  readonly sequence: number
  readonly payload: Buffer
}

export interface SegmentContent {
  readonly entries: readonly JournalEntry[]
  /** Bytes up to the end of the last entry. */
  readonly end: number
  /** What keeps the rest of the entries from being read; undefined when there is no rest. */
  readonly damage: JournalDamageError | undefined
}

/** Bytes that were synced once and are others now. */
export class JournalDamageError extends Error {
  /** The last entry that can't be had any more, as far as is known. */
  readonly upTo: number

  constructor(path: string, upTo: number, message: string) {
    super(`The journal ${path} is damaged: ${message}.`)
    this.name = 'JournalDamageError'
    this.upTo = upTo
  }
}

const writeUInt64 = (buffer: Buffer, value: number, at: number): void => {
  buffer.writeBigUInt64LE(BigInt(value), at)
}

const readUInt64 = (buffer: Buffer, at: number): number => Number(buffer.readBigUInt64LE(at))

export const encodeSegmentHead = ({ schema, after, continues, salt }: SegmentHead): Buffer => {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES)
  head.writeUInt32LE(SEGMENT_MAGIC, 0)
  head.writeUInt32LE(schema, 4)
  writeUInt64(head, after, 8)
  head.writeUInt32LE(salt, 16)
  head.writeUInt32LE(continues ? 1 : 0, 20)
  head.writeUInt32LE(crc32(head.subarray(0, 24)), 24)
  return head
}

/** Undefined: no head, as a crash leaves it that came while the segment was being made. */
export const decodeSegmentHead = (bytes: Buffer): SegmentHead | undefined => {
  if (bytes.length < SEGMENT_HEAD_BYTES || bytes.readUInt32LE(0) !== SEGMENT_MAGIC) return undefined
  if (crc32(bytes.subarray(0, 24)) !== bytes.readUInt32LE(24)) return undefined
  return {
    schema: bytes.readUInt32LE(4),
    after: readUInt64(bytes, 8),
    salt: bytes.readUInt32LE(16),
    continues: bytes.readUInt32LE(20) === 1,
  }
}

export const encodeEntry = (salt: number, sequence: number, payload: Uint8Array): Buffer => {
  const entry = Buffer.allocUnsafe(ENTRY_HEAD_BYTES + payload.length)
  entry.writeUInt32LE(ENTRY_MAGIC, 0)
  entry.writeUInt32LE(payload.length, 4)
  writeUInt64(entry, sequence, 8)
  entry.set(payload, ENTRY_HEAD_BYTES)
  entry.writeUInt32LE(crc32(payload, crc32(entry.subarray(0, 16), salt)), 16)
  return entry
}

const decodeEntry = (bytes: Buffer, at: number, salt: number): JournalEntry | undefined => {
  if (at + ENTRY_HEAD_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY_MAGIC) return undefined
  const end = at + ENTRY_HEAD_BYTES + bytes.readUInt32LE(at + 4)
  if (end > bytes.length) return undefined
  const payload = bytes.subarray(at + ENTRY_HEAD_BYTES, end)
  if (crc32(payload, crc32(bytes.subarray(at, at + 16), salt)) !== bytes.readUInt32LE(at + 16)) return undefined
  return { sequence: readUInt64(bytes, at + 8), payload }
}

/**
 * The entries of a segment's bytes, up to the first that can't be read. The last one of all may be torn: it was never
 * acknowledged. An entry that can't be read though another one follows is damage.
 *
 * @param path for the message
 */
export const decodeSegment = (path: string, bytes: Buffer, { after, salt }: SegmentHead): SegmentContent => {
  const entries: JournalEntry[] = []
  let end = SEGMENT_HEAD_BYTES
  for (let expected = after + 1; ; expected++) {
    const entry = decodeEntry(bytes, end, salt)
    if (entry?.sequence !== expected) break
    entries.push(entry)
    end += ENTRY_HEAD_BYTES + entry.payload.length
  }
  // An entry is written only when the one before is synced: what can be read after one that can't is proof of damage.
  const reached = after + entries.length
  let last = reached
  for (let at = bytes.indexOf(ENTRY_MARK, end); at !== -1; at = bytes.indexOf(ENTRY_MARK, at + 1)) {
    last = Math.max(last, decodeEntry(bytes, at, salt)?.sequence ?? 0)
  }
  const damage =
    last > reached
      ? new JournalDamageError(path, last, `entry ${reached + 1} can't be read, though ${last} can`)
      : undefined
  return { entries, end, damage }
}
