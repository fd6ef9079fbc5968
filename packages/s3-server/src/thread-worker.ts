import { parentPort, workerData } from 'node:worker_threads'
import type { TlsPair } from './http/tls.ts'
import { startAdminServer } from './operator/admin-server.ts'
import type { AdminServer } from './operator/admin-server.ts'
import { Metrics } from './operator/metrics.ts'
import { renderMetrics } from './operator/render-metrics.ts'
import { startS3Server } from './server.ts'
import type { S3ThreadCommand, S3ThreadInput, S3ThreadMessage } from './thread.ts'

const port = parentPort
if (port === null) throw new Error('thread-worker.ts is started by startS3Thread')

const { options: given, reportRequests } = workerData as S3ThreadInput
const { admin: adminAddress, ...options } = given
const send = (message: S3ThreadMessage): void => {
  port.postMessage(message)
}
// Counted here, so that it costs the other thread nothing.
const metrics = adminAddress === undefined ? undefined : new Metrics()

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
  ...(reportRequests || metrics !== undefined
    ? {
        onRequest: (record) => {
          metrics?.record(record)
          if (reportRequests) send({ kind: 'request', record })
        },
      }
    : {}),
})
const startAdmin = async (): Promise<AdminServer | undefined> => {
  if (adminAddress === undefined || metrics === undefined) return undefined
  const { host, port: adminPort } = adminAddress
  try {
    return await startAdminServer(host, adminPort, () => renderMetrics(metrics, server, options.dataDir))
  } catch (error) {
    await server.close()
    throw error
  }
}
const admin = await startAdmin()
const close = async (): Promise<void> => {
  await admin?.close()
  await server.close()
  send({ kind: 'closed' })
  port.close()
}
const refuse = (id: number, error: unknown): void => {
  send({ kind: 'refused', id, reason: error instanceof Error ? error.message : String(error) })
}
const reloadKeys = (id: number): void => {
  server.reloadKeys().then(
    (count) => {
      send({ kind: 'keys-reloaded', id, count })
    },
    (error: unknown) => {
      refuse(id, error)
    },
  )
}
const renewTls = (id: number, tls: TlsPair): void => {
  try {
    server.renewTls(tls)
    send({ kind: 'tls-renewed', id })
  } catch (error) {
    refuse(id, error)
  }
}
port.on('message', (command: S3ThreadCommand) => {
  switch (command.kind) {
    case 'reload-keys':
      reloadKeys(command.id)
      return
    case 'renew-tls':
      renewTls(command.id, command.tls)
      return
    case 'close':
      void close()
      return
  }
})
send({ kind: 'listening', url: server.url, port: server.port, adminUrl: admin?.url })
