import { parentPort, workerData } from 'node:worker_threads'
import { startS3Server } from './server.ts'
import type { S3ThreadInput, S3ThreadMessage } from './thread.ts'

const port = parentPort
if (port === null) throw new Error('thread-worker.ts is started by startS3Thread')

const { options, reportRequests } = workerData as S3ThreadInput
const send = (message: S3ThreadMessage): void => {
  port.postMessage(message)
}

const server = await startS3Server({
  ...options,
  onDamage: (finding) => {
    send({ kind: 'notice', notice: { kind: 'damage', finding } })
  },
  onIssuerFailure: ({ message, cause }) => {
    send({ kind: 'notice', notice: { kind: 'issuer', reason: message, cause: String(cause) } })
  },
  onDelivery: (note) => {
    send({ kind: 'notice', notice: { kind: 'delivery', note } })
  },
  ...(reportRequests
    ? {
        onRequest: (record) => {
          send({ kind: 'request', record })
        },
      }
    : {}),
})
port.once('message', () => {
  void server.close().then(() => {
    send({ kind: 'closed' })
    port.close()
  })
})
send({ kind: 'listening', url: server.url, port: server.port })
