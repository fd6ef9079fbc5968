// A thread of its own that sends stored bytes. It never waits: what is not in the page cache, and what a socket does not
// take, is left to the server's thread.
import { parentPort } from 'node:worker_threads'
import type { Numbered } from '../helper-thread.ts'
import { BufferPool } from '../memory/buffer-pool.ts'
import { FRAME_BYTES } from '../store/blobs/blob-cipher.ts'
import { FrameSummers, FrameSums } from '../store/blobs/frame-sums.ts'
import type { FileRange } from '../store/blobs/read-stored.ts'
import type { SendAnswer, SendRequest, Sent } from './send-threads.ts'
import { loadSystemCalls } from './system-calls.ts'

const port = parentPort
if (port === null) throw new Error('send-worker.ts is started by SendThreads')

/** Bytes that are read, verified and sent at once: they stay in the processor's cache. */
const PIECE_BYTES = 8 * FRAME_BYTES
/** What is handed back of a full socket's piece, so that the server's thread has something to wait with. */
const REST_BYTES = FRAME_BYTES

const pool = new BufferPool()
const lease = pool.lease()
const memory = lease.take('large').subarray(0, PIECE_BYTES)
const tableMemory = lease.take('small')
const summers = new FrameSummers(pool)
const calls = loadSystemCalls(pool.memory)

const NOTHING: Sent = { sent: 0, rest: new Uint8Array(0) }

const sendRange = (socket: number, { file, id, size, sums: kind, start, end }: FileRange): Sent => {
  const sums = new FrameSums(kind, id, summers)
  const first = Math.floor(start / FRAME_BYTES)
  const table = tableMemory.subarray(0, (Math.ceil(end / FRAME_BYTES) - first) * sums.bytes)
  if (calls === undefined || calls.readCached(file, table, size + first * sums.bytes) < table.length) return NOTHING
  let at = start
  while (at < end) {
    const frame = Math.floor(at / FRAME_BYTES)
    const from = frame * FRAME_BYTES
    const wanted = Math.min(PIECE_BYTES, end - from)
    const got = calls.readCached(file, memory.subarray(0, wanted), from)
    const piece = memory.subarray(0, got === wanted ? got : Math.max(0, got - (got % FRAME_BYTES)))
    const bytes = piece.subarray(at - from)
    // Whether it is damage or not is found out where an error can be told.
    if (bytes.length === 0 || !sums.match(frame, piece, table, (frame - first) * sums.bytes)) break
    const sent = Math.max(0, calls.send(socket, bytes))
    at += sent
    if (sent < bytes.length) {
      return { sent: at - start, rest: new Uint8Array(bytes.subarray(sent, sent + REST_BYTES)) }
    }
  }
  return { sent: at - start, rest: NOTHING.rest }
}

const answer = (request: SendRequest): SendAnswer => {
  const { kind, socket } = request
  return kind === 'send'
    ? { kind, ...sendRange(socket, request.range) }
    : { kind, descriptor: calls?.duplicate(socket) }
}

port.on('message', ({ number, content }: Numbered<SendRequest>) => {
  port.postMessage({ number, content: answer(content) } satisfies Numbered<SendAnswer>)
})
