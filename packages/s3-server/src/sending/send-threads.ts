import { closeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FileRange } from '../store/blobs/read-stored.ts'

const WORKER = new URL(`./send-worker${extname(import.meta.url)}`, import.meta.url)

/** More would hardly find something to do: each sends some gigabytes a second. */
const MOST_THREADS = 4

/** Sockets are named by their descriptors. */
type Request =
  | { readonly kind: 'duplicate'; readonly socket: number }
  | { readonly kind: 'send'; readonly socket: number; readonly range: FileRange }

type Reply = { readonly kind: 'duplicate'; readonly descriptor: number } | ({ readonly kind: 'send' } & Sent)

export interface SendRequest {
  readonly number: number
  readonly request: Request
}

/** The first thing that a thread says is whether it can do anything at all. */
export type SendReply = { readonly isUsable: boolean } | { readonly number: number; readonly reply: Reply }

/** What became of a range. */
export interface Sent {
  /** Bytes from its beginning that the client's socket took. */
  readonly sent: number
  /** When that is full, verified bytes that come next; when these were written it has room again. */
  readonly rest: Uint8Array
}

/** Sends to one socket. What is sent in the ordinary way must have been taken by the system before. */
export interface Sender extends Disposable {
  /** Resolves soon, however slow the client. Sends less than all, or nothing, of what is not at hand or damaged. */
  send(range: FileRange): Promise<Sent>
}

interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, (reply: Reply | undefined) => void>
  isReady: boolean
  senders: number
}

/** Node's own object for a socket, whose descriptor is closed when the socket lets go of it. */
interface Handle {
  readonly fd?: number
}
const handleOf = (socket: Socket): Handle | null | undefined => (socket as { _handle?: Handle | null })._handle

/**
 * Threads that read, verify and send large stored objects beside each other, which one event loop does one after the other.
 * They are started when first asked for, and absent where there is no second processor, or no way to do it.
 */
export class SendThreads {
  #threads: Thread[] | undefined
  #numbers = 0

  constructor() {
    if (availableParallelism() < 2) this.#threads = []
  }

  /** Resolves with undefined when it must be sent in the ordinary way. */
  async open(socket: Socket): Promise<Sender | undefined> {
    this.#threads ??= Array.from({ length: Math.min(availableParallelism(), MOST_THREADS) }, () => this.#start())
    const [thread] = this.#threads.filter(({ isReady }) => isReady).toSorted((a, b) => a.senders - b.senders)
    const handle = handleOf(socket)
    const original = handle?.fd
    if (thread === undefined || original === undefined || original < 0 || 'encrypted' in socket) return undefined
    // A descriptor of its own: the socket's is closed when the client goes away, and may then be another client's.
    const duplicated = await this.#ask(thread, { kind: 'duplicate', socket: original })
    if (duplicated?.kind !== 'duplicate' || duplicated.descriptor < 0) return undefined
    const { descriptor } = duplicated
    if (handleOf(socket) !== handle) {
      // Closed meanwhile, perhaps before it was duplicated.
      closeSync(descriptor)
      return undefined
    }
    thread.senders += 1
    return {
      send: async (range) => {
        const reply = await this.#ask(thread, { kind: 'send', socket: descriptor, range })
        return reply?.kind === 'send' ? reply : { sent: 0, rest: new Uint8Array(0) }
      },
      [Symbol.dispose]: () => {
        thread.senders -= 1
        closeSync(descriptor)
      },
    }
  }

  async close(): Promise<void> {
    const threads = this.#threads ?? []
    this.#threads = []
    await Promise.all(threads.map(({ worker }) => worker.terminate()))
  }

  /** Resolves with undefined when the thread has ended. */
  #ask({ isReady, waiting, worker }: Thread, request: Request): Promise<Reply | undefined> {
    if (!isReady) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const number = (this.#numbers += 1)
      waiting.set(number, resolve)
      worker.postMessage({ number, request } satisfies SendRequest)
    })
  }

  #start(): Thread {
    const worker = new Worker(WORKER, {
      // FFI is experimental. Where it changes, or goes away, things are sent in the ordinary way.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    })
    worker.unref()
    const thread: Thread = { worker, waiting: new Map(), isReady: false, senders: 0 }
    worker.on('message', (message: SendReply) => {
      if ('isUsable' in message) {
        thread.isReady = message.isUsable
        if (!message.isUsable) void worker.terminate()
        return
      }
      thread.waiting.get(message.number)?.(message.reply)
      thread.waiting.delete(message.number)
    })
    // It is not started again: things go on without it.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      thread.isReady = false
      for (const resolve of thread.waiting.values()) resolve(undefined)
      thread.waiting.clear()
    })
    return thread
  }
}
