import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from './random.ts'

/** Something that was changed, and from which line of the log on a sync makes it last. */
interface Change {
  readonly inode: number
  from: number
}

interface FileWrite extends Change {
  readonly position: number
  readonly length: number
}

interface Renaming extends Change {
  readonly source: string
  readonly target: string
}

const PAGE = 4096

const readLog = (path: string): { readonly writes: FileWrite[]; readonly renamings: Renaming[] } => {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(']'))
    .map((line) => JSON.parse(line) as (string | number)[])
  const changes = new Map<string, FileWrite | Renaming>()
  const syncs = new Map<string, { readonly inode: number; readonly at: number; isDone: boolean }>()
  for (const [at, [kind, idField, inodeField, third, fourth]] of lines.entries()) {
    const id = String(idField)
    const inode = Number(inodeField)
    const from = Number.POSITIVE_INFINITY
    if (kind === 'write') changes.set(id, { inode, from, position: Number(third), length: Number(fourth) })
    else if (kind === 'rename') changes.set(id, { inode, from, source: String(third), target: String(fourth) })
    else if (kind === 'sync') syncs.set(id, { inode, at, isDone: false })
    else if (kind === 'written') {
      const change = changes.get(id)
      if (change !== undefined) change.from = at
    } else {
      const sync = syncs.get(id)
      if (sync !== undefined) sync.isDone = true
    }
  }
  const lastSync = new Map<number, number>()
  for (const { inode, at, isDone } of syncs.values()) {
    if (isDone) lastSync.set(inode, Math.max(at, lastSync.get(inode) ?? -1))
  }
  const unsynced = [...changes.values()].filter(({ inode, from }) => (lastSync.get(inode) ?? -1) < from)
  return {
    writes: unsynced.filter((change) => 'position' in change),
    renamings: unsynced.filter((change) => 'source' in change),
  }
}

/** Takes away some pages of what was written to a file and not synced: zeros are there, or its end. */
const loseWrites = (random: Random, path: string, writes: readonly FileWrite[]): void => {
  const { size } = statSync(path)
  if (writes.some(({ position }) => position < 0)) {
    truncateSync(path, random.int(size + 1))
    return
  }
  const file = openSync(path, 'r+')
  for (const { position, length } of writes) {
    for (let at = position; at < Math.min(position + length, size);) {
      const end = Math.min((Math.floor(at / PAGE) + 1) * PAGE, position + length, size)
      if (random.chance(0.5)) writeSync(file, Buffer.alloc(end - at), 0, end - at, at)
      at = end
    }
  }
  closeSync(file)
}

/**
 * Takes away what SQLite had written to its log and not synced, which is anything beyond what went into the main file:
 * from some frame on, there is nothing, or half a frame.
 */
const loseLog = (random: Random, index: string): void => {
  const log = `${index}-wal`
  if (!existsSync(log) || statSync(log).size <= 32) return
  const file = openSync(log, 'r')
  const head = Buffer.alloc(32)
  readSync(file, head, 0, 32, 0)
  closeSync(file)
  const frame = head.readUInt32BE(8) + 24
  const frames = Math.floor((statSync(log).size - 32) / frame)
  const shared = existsSync(`${index}-shm`) ? readFileSync(`${index}-shm`) : Buffer.alloc(0)
  // How many frames a checkpoint has begun to move: they were synced before that.
  const kept = shared.length > 132 ? Math.max(shared.readUInt32LE(96), shared.readUInt32LE(128)) : frames
  if (kept < frames) {
    const left = kept + random.int(frames - kept + 1)
    truncateSync(log, 32 + left * frame + (left < frames ? random.int(frame) : 0))
  }
  rmSync(`${index}-shm`, { force: true })
}

/**
 * Leaves of a data directory, whose server was killed, what a power loss at that moment might have left: of what was not
 * synced, some is gone. Not modelled: files whose deletion was not synced come back; new names that were not synced are
 * lost but for renames; a disk that lies about its syncs.
 *
 * @param log of `record-syncs.ts`, by the server since it was started
 * @see https://www.sqlite.org/walformat.html
 */
export const losePower = (random: Random, dataDir: string, log: string): void => {
  const { writes, renamings } = readLog(log)
  const byInode = Map.groupBy(writes, ({ inode }) => inode)
  for (const path of globSync(['journal/*', 'blobs/*/*', 'tmp/*'], { cwd: dataDir }).map((name) =>
    join(dataDir, name),
  )) {
    const lost = byInode.get(statSync(path).ino)
    if (lost !== undefined) loseWrites(random, path, lost)
  }
  for (const { source, target } of renamings) {
    // What it took the place of can't be brought back.
    if (source.endsWith('.new') || !existsSync(target) || random.chance(0.5)) continue
    renameSync(target, source)
  }
  loseLog(random, join(dataDir, 'index.sqlite'))
  rmSync(log)
}
