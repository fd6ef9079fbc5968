// A load generator of its own process: `node store-load.ts` reads one job as JSON on stdin and prints the result as JSON.
// Requests are prepared beforehand and bodies never kept, so that it costs a fraction of what it measures.
import { connect } from 'node:net'

export interface StoreJob {
  readonly host: string
  readonly port: number
  /** Request heads as they go on the wire; connection n of c takes each c-th one from the n-th on, again and again. */
  readonly heads: readonly string[]
  /** Bytes that follow each head. */
  readonly bodyBytes: number
  readonly connections: number
  /**
   * No request starts after this time; those under way are counted with the time they take. 'once': each head is sent
   * once, however long that takes.
   */
  readonly durationMs: number | 'once'
}

export interface StoreResult {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds of one request. */
  readonly p50: number
  readonly errors: readonly string[]
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const READ_BYTES = 1024 * 1024

/** One connection: `send` resolves with the status once the last byte of the answer is here. */
function openConnection(
  host: string,
  port: number,
): Promise<{ readonly send: (head: string, body: Buffer) => Promise<number> }> {
  return new Promise((resolve, reject) => {
    let settle: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined
    let head = Buffer.alloc(0)
    let status = 0
    let missing = -1
    const fail = (error: Error): void => {
      reject(error)
      settle?.reject(error)
    }
    const take = (chunk: Buffer): void => {
      if (missing === -1) {
        head = Buffer.concat([head, chunk])
        const end = head.indexOf(END_OF_HEAD)
        if (end === -1) return
        const text = head.toString('latin1', 0, end)
        status = Number(text.slice(9, 12))
        const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? (status === 204 ? '0' : undefined)
        if (length === undefined) {
          fail(new Error(`an answer without Content-Length: ${text}`))
          return
        }
        missing = Number(length) - (head.length - end - END_OF_HEAD.length)
        head = Buffer.alloc(0)
      } else missing -= chunk.length
      if (missing > 0) return
      missing = -1
      settle?.resolve(status)
    }
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    const socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer,
        callback: (bytes) => {
          take(buffer.subarray(0, bytes))
          return true
        },
      },
    })
    socket.once('error', fail)
    socket.once('close', () => fail(new Error('the connection was closed')))
    socket.once('connect', () => {
      resolve({
        send: (text, body) =>
          new Promise((done, failed) => {
            settle = { resolve: done, reject: failed }
            if (body.length === 0) socket.write(text, 'latin1')
            else {
              socket.cork()
              socket.write(text, 'latin1')
              socket.write(body)
              socket.uncork()
            }
          }),
      })
    })
  })
}

/** What every request with a body sends. */
export function bodyOf(bytes: number): Buffer {
  return Buffer.alloc(bytes, 'The quick brown fox jumps over the lazy dog. ')
}

async function run(job: StoreJob): Promise<StoreResult> {
  const body = bodyOf(job.bodyBytes)
  const latencies: number[] = []
  const errors: string[] = []
  const connections = await Promise.all(
    Array.from({ length: job.connections }, () => openConnection(job.host, job.port)),
  )
  const began = performance.now()
  const goesOn = (at: number): boolean =>
    job.durationMs === 'once' ? at < job.heads.length : performance.now() - began < job.durationMs
  await Promise.all(
    connections.map(async ({ send }, first) => {
      for (let at = first; goesOn(at); at += job.connections) {
        const sentAt = performance.now()
        const status = await send(job.heads[at % job.heads.length] ?? '', body)
        latencies.push(performance.now() - sentAt)
        if (status < 200 || status > 299) errors.push(`status ${status}`)
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  latencies.sort((a, b) => a - b)
  const p50 = latencies[Math.floor(latencies.length / 2)] ?? Number.NaN
  return { requests: latencies.length, seconds, p50, errors: errors.slice(0, 5) }
}

if (import.meta.main) {
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  const result = await run(JSON.parse(text) as StoreJob)
  process.stdout.write(`${JSON.stringify(result)}\n`)
  process.exit(0)
}
