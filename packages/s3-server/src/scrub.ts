import { setTimeout as sleep } from 'node:timers/promises'
import type { BlobDamageError, BlobDamage } from './store/blobs/blob-damage-error.ts'
import type { BlobId } from './store/blobs/blob-id.ts'
import { findBlobUsers } from './store/tables/blob-users.ts'
import type { BlobUser } from './store/tables/blob-users.ts'
import { ScrubTable } from './store/tables/scrub-table.ts'
import type { ScrubState } from './store/tables/scrub-table.ts'
import type { Store } from './store/store.ts'
import { verifyBlob } from './store/blobs/verify-blob.ts'

/** Damage that was come upon for the first time. */
export interface ScrubFinding {
  readonly blobId: BlobId
  readonly damage: BlobDamage
  readonly users: readonly BlobUser[]
}

export interface ScrubOptions {
  /** Bytes read a second at most; 0: only when asked to. */
  readonly bytesPerSecond: number
  /** Milliseconds from the end of a round to the beginning of the next. */
  readonly rest: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onFinding: ((finding: ScrubFinding) => void) | undefined
}

export interface ScrubStatus extends ScrubState {
  /** Damaged blobs that are in use. */
  readonly damaged: number
}

export interface Scrub {
  /** Looks at every blob now, from where the last round stopped if it did not come to its end. */
  run(): Promise<ScrubStatus>
  /** Notes damage that a request came upon. */
  report(error: BlobDamageError): Promise<void>
  status(): ScrubStatus
  stop(): Promise<void>
}

const PAGE = 64
const LOOK = 600_000
/** What opening a file costs, in bytes of reading. */
const FILE_COST = 16_384
/** Milliseconds of debt that are worth a pause. */
const PAUSE = 20

/**
 * Reads every blob again and again, slowly, and reports those that the disk does not give back as they were written.
 * A round goes on after a restart where it stopped.
 */
export const startScrub = (store: Store, { bytesPerSecond, rest, now, onFinding }: ScrubOptions): Scrub => {
  const { index, blobs, blobTable } = store
  const table = new ScrubTable(index)
  const stopping = new AbortController()
  let debt = 0

  const pace = async (bytes: number): Promise<void> => {
    stopping.signal.throwIfAborted()
    if (bytesPerSecond === 0) return
    debt += (bytes / bytesPerSecond) * 1000
    if (debt < PAUSE) return
    await sleep(debt, undefined, { signal: stopping.signal, ref: false })
    debt = 0
  }

  const note = async (id: BlobId, damage: BlobDamage | undefined): Promise<void> => {
    const isNews = await index.write(() => table.note(id, damage, now()))
    if (isNews && damage !== undefined) onFinding?.({ blobId: id, damage, users: findBlobUsers(index, [id]) })
  }

  const look = async (id: BlobId): Promise<number> => {
    // In one turn of the event loop: what is in the index when it is pinned keeps its file.
    using _pin = blobs.pin(id)
    const blob = blobTable.find(id)
    if (blob === undefined) return 0
    await pace(FILE_COST)
    let damage: BlobDamage | undefined
    try {
      damage = await verifyBlob(blobs, blob, pace)
    } catch (error) {
      stopping.signal.throwIfAborted()
      // A key that is not in the key file, say: no damage of the disk, and no reason to look no further.
      void error
      return blob.size
    }
    if (damage !== undefined || table.isNoted(id)) await note(id, damage)
    return blob.size
  }

  const round = async (): Promise<ScrubStatus> => {
    let state = table.state()
    if (state.startedAt === undefined || state.finishedAt !== undefined) {
      state = { after: '', startedAt: now(), finishedAt: undefined, blobs: 0, bytes: 0 }
    }
    for (;;) {
      const page = blobTable.list(state.after, PAGE)
      let bytes = 0
      for (const { id } of page) bytes += await look(id)
      const last = page.at(-1)
      state = {
        ...state,
        after: last?.id ?? state.after,
        blobs: state.blobs + page.length,
        bytes: state.bytes + bytes,
        finishedAt: page.length < PAGE ? now() : undefined,
      }
      const reached = state
      await index.write(() => {
        table.save(reached)
      })
      if (page.length < PAGE) return { ...state, damaged: table.damaged() }
    }
  }

  let last: Promise<unknown> = Promise.resolve()
  let isRunning = false
  const run = (): Promise<ScrubStatus> => {
    const next = last.then(round)
    isRunning = true
    last = next
      .catch(() => undefined)
      .finally(() => {
        isRunning = false
      })
    return next
  }
  const timer = setInterval(() => {
    if (isRunning || bytesPerSecond === 0) return
    const { finishedAt } = table.state()
    // What fails now is tried again at the next look.
    if (finishedAt === undefined || finishedAt + rest <= now()) run().catch(() => undefined)
  }, LOOK)
  timer.unref()

  return {
    run,
    report: async ({ blobId, damage }) => {
      if (!table.isNoted(blobId)) await note(blobId, damage)
    },
    status: () => ({ ...table.state(), damaged: table.damaged() }),
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await last
    },
  }
}
