// A thread of its own that digests streams, whose bytes lie in memory that it shares with the server's thread.
import { parentPort, workerData } from 'node:worker_threads'
import { DigestSet } from './digest-set.ts'
import type { DigestRequest, DigestResults } from './digest-thread.ts'

const port = parentPort
if (port === null) throw new Error('digest-worker.ts is started by DigestThread')

const bytes = Buffer.from((workerData as WebAssembly.Memory).buffer)
const streams = new Map<number, DigestSet>()

const handle = (request: DigestRequest): DigestResults => {
  const digests = streams.get(request.stream)
  switch (request.kind) {
    case 'begin':
      streams.set(request.stream, new DigestSet(request.names))
      return []
    case 'update':
      digests?.update(bytes.subarray(request.address, request.address + request.bytes))
      return []
    case 'end':
      streams.delete(request.stream)
      return digests?.names.map((name) => [name, digests.result(name)] as const) ?? []
    case 'abandon':
      streams.delete(request.stream)
      return []
  }
}

port.on('message', (request: DigestRequest) => {
  port.postMessage(handle(request))
})
