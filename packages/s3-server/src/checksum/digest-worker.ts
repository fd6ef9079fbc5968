// A thread of its own that digests streams, whose bytes lie in memory that it shares with the server's thread.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { DigestSet } from './digest-set.ts'
import type { Numbered } from '../helper-thread.ts'
import type { DigestRequest, DigestResults } from './digest-thread.ts'
import { BLOCK_BYTES } from './wasm/md5-code.ts'
import { LANES, Md5Lanes, Md5Stream } from './wasm/md5-lanes.ts'

const port = parentPort
if (port === null) throw new Error('digest-worker.ts is started by DigestThread')

/** Blocks that are taken at once: then it is looked who else waits. */
const TURN_BLOCKS = 2048

/** Something of a stream that waits for its turn. */
type Task =
  | { readonly kind: 'update'; readonly request: number; address: number; bytes: number }
  | { readonly kind: 'end'; readonly request: number }

interface Stream {
  readonly number: number
  readonly md5: Md5Stream | undefined
  /** All but MD5. */
  readonly others: DigestSet
  readonly tasks: Task[]
  /** After the last whole block. */
  rest: Buffer
}

const memory = workerData as WebAssembly.Memory
const bytes = Buffer.from(memory.buffer)
const lanes = new Md5Lanes(memory)
const streams = new Map<number, Stream>()

const answer = (number: number, content: DigestResults = []): void => {
  port.postMessage({ number, content } satisfies Numbered<DigestResults>)
}

const receive = ({ number, content: request }: Numbered<DigestRequest>): void => {
  const stream = streams.get(request.stream)
  switch (request.kind) {
    case 'begin':
      streams.set(request.stream, {
        number: request.stream,
        md5: request.names.includes('MD5') ? new Md5Stream() : undefined,
        others: new DigestSet(request.names.filter((name) => name !== 'MD5')),
        tasks: [],
        rest: Buffer.alloc(0),
      })
      answer(number)
      return
    case 'update': {
      const { address, bytes: size } = request
      stream?.others.update(bytes.subarray(address, address + size))
      stream?.tasks.push({ kind: 'update', request: number, address, bytes: size })
      return
    }
    case 'end':
      stream?.tasks.push({ kind: 'end', request: number })
      return
    case 'abandon':
      for (const task of stream?.tasks ?? []) answer(task.request)
      streams.delete(request.stream)
      answer(number)
  }
}

const finish = ({ number, md5, others, rest }: Stream, request: number): void => {
  streams.delete(number)
  const results = others.names.map((name) => [name, others.result(name)] as const)
  answer(request, md5 === undefined ? results : [...results, ['MD5', lanes.end(md5, rest)]])
}

/** What needs no whole block: ends, and the last bytes of streams. */
const settle = (stream: Stream): void => {
  for (;;) {
    const [task] = stream.tasks
    if (task === undefined) return
    if (task.kind === 'end') {
      finish(stream, task.request)
      return
    }
    if (stream.md5 !== undefined) {
      if (task.bytes >= BLOCK_BYTES) return
      stream.rest = Buffer.from(bytes.subarray(task.address, task.address + task.bytes))
    }
    stream.tasks.shift()
    answer(task.request)
  }
}

/** Takes the next blocks of all streams that have some, or of the first of them. Tells whether there were any. */
const takeTurn = (): boolean => {
  const inputs: { stream: Md5Stream; address: number; task: Extract<Task, { kind: 'update' }>; owner: Stream }[] = []
  for (const owner of streams.values()) {
    const [task] = owner.tasks
    if (task === undefined || task.kind === 'end' || owner.md5 === undefined) continue
    inputs.push({ stream: owner.md5, address: task.address, task, owner })
    if (inputs.length === LANES) break
  }
  if (inputs.length === 0) return false
  const blocks = Math.min(TURN_BLOCKS, ...inputs.map(({ task }) => Math.floor(task.bytes / BLOCK_BYTES)))
  lanes.update(inputs, blocks)
  for (const { task, owner } of inputs) {
    task.address += blocks * BLOCK_BYTES
    task.bytes -= blocks * BLOCK_BYTES
    // In the end, so that those which had no turn are before it.
    streams.delete(owner.number)
    streams.set(owner.number, owner)
    settle(owner)
  }
  return true
}

port.on('message', (request: Numbered<DigestRequest>) => {
  receive(request)
  do {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      receive(next.message as Numbered<DigestRequest>)
    }
    for (const stream of streams.values()) settle(stream)
  } while (takeTurn())
})
