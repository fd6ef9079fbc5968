import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database.ts'

/** A database whose notifications nobody hears. */
export interface UnheardDatabase extends Database {
  /** Tells who wanted to listen that they may have missed something. */
  tellOfGap(): void
}

/**
 * For a process that is frozen between two requests: a connection that listens would be lost meanwhile, and a clock may
 * have stood still. Whoever listens is told of a gap before each request instead.
 */
export function withoutListening(database: Database): UnheardDatabase {
  const gaps = new Set<() => void>()
  return {
    ...database,
    async listen(_channel, _onNotify, onGap) {
      gaps.add(onGap)
      return {
        async [Symbol.asyncDispose]() {
          gaps.delete(onGap)
        },
      }
    },
    tellOfGap: () => gaps.forEach((onGap) => onGap()),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

/** Milliseconds after its last heartbeat for which another process may believe what it holds, with the drift of clocks. */
const BELIEVED_MS = 6500

/** Of a process that believes nothing it holds. Others that do are waited for. */
export function neverFresh(database: Database): {
  readonly isFresh: () => boolean
  readonly settled: () => Promise<void>
} & AsyncDisposable {
  return {
    isFresh: () => false,
    async settled() {
      try {
        const [row] = await database.query<{ left: number | null }>(
          `select max(extract(epoch from beat_at - clock_timestamp())::float8 * 1000 + $1) as left from live_processes`,
          [BELIEVED_MS],
        )
        await sleep(Math.max(0, row?.left ?? 0))
      } catch {
        await sleep(BELIEVED_MS)
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}
