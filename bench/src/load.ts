// A load generator of its own process: `node load.ts` reads one job as JSON on stdin and prints the result as JSON.
// It writes one prepared request on each kept-alive connection and reads answers by their Content-Length, so that it costs
// a fraction of what it measures.
import { connect, type Socket } from 'node:net'

export interface Job {
  readonly host: string
  readonly port: number
  /** The whole request as it goes on the wire. */
  readonly request: string
  readonly connections: number
  readonly warmUpMs: number
  readonly durationMs: number
}

export interface Result {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers other than 200, and connections that broke. */
  readonly errors: number
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** Calls `onAnswer` for each whole answer that arrives. */
function readAnswers(socket: Socket, onAnswer: (status: number) => void): void {
  let pending: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const end = pending.indexOf(END_OF_HEAD)
      if (end === -1) return
      const head = pending.subarray(0, end).toString('latin1')
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)
      if (!length) throw new Error(`an answer without Content-Length: ${head}`)
      const total = end + 4 + Number(length[1])
      if (pending.length < total) return
      pending = pending.subarray(total)
      onAnswer(Number(head.slice(9, 12)))
    }
  })
}

async function run(job: Job): Promise<Result> {
  const request = Buffer.from(job.request)
  const latencies: number[] = []
  let errors = 0
  let measuring = false
  let over = false
  const sockets = Array.from({ length: job.connections }, () => {
    const socket = connect({ host: job.host, port: job.port, noDelay: true })
    let sentAt = 0
    const send = (): void => {
      sentAt = performance.now()
      socket.write(request)
    }
    readAnswers(socket, (status) => {
      if (measuring) {
        latencies.push(performance.now() - sentAt)
        if (status !== 200) errors++
      }
      if (!over) send()
    })
    socket.on('connect', send)
    socket.on('error', () => errors++)
    return socket
  })
  await new Promise((resolve) => setTimeout(resolve, job.warmUpMs))
  measuring = true
  const start = performance.now()
  process.stdout.write('measuring\n')
  await new Promise((resolve) => setTimeout(resolve, job.durationMs))
  measuring = false
  over = true
  const seconds = (performance.now() - start) / 1000
  for (const socket of sockets) socket.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN
  return { requests: latencies.length, seconds, p50: at(0.5), p99: at(0.99), errors }
}

if (import.meta.main) {
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  const result = await run(JSON.parse(text) as Job)
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
