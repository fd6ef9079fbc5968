// A thread of its own that digests streams: the bytes come through memory that it shares with the server's thread.
import { parentPort, workerData } from 'node:worker_threads'
import { DigestSet } from './digest-set.ts'
import type { DigestReply, DigestRequest } from './digest-thread.ts'
import { SLOT_BYTES } from './digest-thread.ts'

const port = parentPort
if (port === null) throw new Error('digest-worker.ts is started by DigestThread')

const memory = Buffer.from(workerData as SharedArrayBuffer)
const streams = new Map<number, DigestSet>()

const reply = (message: DigestReply): void => {
  port.postMessage(message)
}

port.on('message', (request: DigestRequest) => {
  switch (request.kind) {
    case 'begin':
      streams.set(request.stream, new DigestSet(request.names))
      return
    case 'update': {
      const start = request.slot * SLOT_BYTES
      streams.get(request.stream)?.update(memory.subarray(start, start + request.bytes))
      reply({ kind: 'free', slot: request.slot })
      return
    }
    case 'end': {
      const digests = streams.get(request.stream)
      streams.delete(request.stream)
      const results = (digests?.names ?? []).map((name) => [name, digests?.result(name) ?? Buffer.alloc(0)] as const)
      reply({ kind: 'results', stream: request.stream, results })
      return
    }
    case 'abandon':
      streams.delete(request.stream)
  }
})
