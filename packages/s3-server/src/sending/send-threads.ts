import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { HelperThread } from '../helper-thread.ts'
import type { HeldThread } from '../helper-thread.ts'
import type { FileRange } from '../store/blobs/read-stored.ts'

const WORKER = new URL(`./send-worker${extname(import.meta.url)}`, import.meta.url)

/** More would hardly find something to do: each sends some gigabytes a second. */
const MOST_THREADS = 4

/** What became of a range. */
export interface Sent {
  /** Bytes from its beginning that the client's socket took. */
  readonly sent: number
  /** When that is full, verified bytes that come next; when these were written it has room again. */
  readonly rest: Uint8Array
}

/** Sockets are named by their descriptors. */
export type SendRequest =
  | { readonly kind: 'duplicate'; readonly socket: number }
  | { readonly kind: 'send'; readonly socket: number; readonly range: FileRange }

/** A duplicate's descriptor is negative when there was nothing to duplicate, and undefined when there never is, here. */
export type SendAnswer =
  | { readonly kind: 'duplicate'; readonly descriptor: number | undefined }
  | ({ readonly kind: 'send' } & Sent)

/** Sends to one socket. What is sent in the ordinary way must have been taken by the system before. */
export interface Sender extends Disposable {
  /**
   * Resolves soon, however slow the client. Sends less than all, or nothing, of what is not at hand or damaged.
   *
   * @throws Error when the thread has failed: nobody knows then how much the socket took
   */
  send(range: FileRange): Promise<Sent>
}

/** Node's own object for a socket. */
interface SocketHandle {
  /** Negative, or absent, where there is none. */
  readonly fd?: number
}

/** Null once the socket lets go of its descriptor, which may then become another's. */
const handleOf = (socket: Socket): SocketHandle | null => (socket as { _handle?: SocketHandle | null })._handle ?? null

/**
 * Threads that read, verify and send large stored objects beside each other, which one event loop does one after the other.
 * There are none where there is no second processor, or where the system or Node lacks what they need.
 */
export class SendThreads {
  #threads: readonly HelperThread<SendRequest, SendAnswer>[] = []
  #answers = 0

  constructor() {
    const processors = availableParallelism()
    if (processors < 2) return
    this.#threads = Array.from({ length: Math.min(processors, MOST_THREADS) }, () => new HelperThread(WORKER))
  }

  /** Whether several large answers are under way: one alone is quicker in the ordinary way, which reads ahead. */
  get isWorthwhile(): boolean {
    return this.#threads.length > 0 && this.#answers > 1
  }

  /** Counts a large answer, until it is disposed. */
  enter(): Disposable {
    this.#answers += 1
    return {
      [Symbol.dispose]: () => {
        this.#answers -= 1
      },
    }
  }

  /** Resolves with undefined when things must be sent in the ordinary way. */
  async open(socket: Socket): Promise<Sender | undefined> {
    const [thread] = this.#threads.toSorted((a, b) => a.holds - b.holds)
    const handle = handleOf(socket)
    if (thread === undefined || handle?.fd === undefined || handle.fd < 0 || 'encrypted' in socket) return undefined
    const held = thread.hold()
    try {
      // A descriptor of its own: the socket's is closed when the client goes away, and may then be another client's.
      const answer = await held.ask({ kind: 'duplicate', socket: handle.fd })
      const descriptor = answer.kind === 'duplicate' ? answer.descriptor : undefined
      if (descriptor === undefined) this.#threads = []
      else if (descriptor >= 0) {
        if (handleOf(socket) === handle) return sender(held, descriptor)
        // The socket was closed meanwhile, perhaps before it was duplicated.
        closeSync(descriptor)
      }
    } catch {
      // A thread that fails is not worth another.
      this.#threads = []
    }
    held[Symbol.dispose]()
    return undefined
  }

  async close(): Promise<void> {
    const threads = this.#threads
    this.#threads = []
    await Promise.all(threads.map((thread) => thread.close()))
  }
}

const sender = (held: HeldThread<SendRequest, SendAnswer>, descriptor: number): Sender => ({
  send: async (range) => {
    const answer = await held.ask({ kind: 'send', socket: descriptor, range })
    if (answer.kind !== 'send') throw new Error('a thread answered something else')
    return answer
  },
  [Symbol.dispose]: () => {
    closeSync(descriptor)
    held[Symbol.dispose]()
  },
})
