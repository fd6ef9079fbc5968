import type { RequestRecord } from '../handle-request.ts'
import { AccessLog } from '../operator/access-log.ts'
import { startAdminServer } from '../operator/admin-server.ts'
import { Metrics } from '../operator/metrics.ts'
import { renderMetrics } from '../operator/render-metrics.ts'
import { startS3Server } from '../server.ts'
import type { S3ServerOptions } from '../server.ts'

export interface ServeOptions extends Omit<
  S3ServerOptions,
  'onRequest' | 'onDamage' | 'onIssuerFailure' | 'onDelivery'
> {
  /** Where `/metrics` and `/healthz` are answered, on the same host; undefined for nowhere. */
  readonly adminPort: number | undefined
  readonly accessLog: string | undefined
}

/** A signal that comes again after this ends the server at once; nothing that was acknowledged is lost by that. */
const REPEATED_SIGNAL_MS = 1000

const logLine = (line: object): void => {
  process.stderr.write(`${JSON.stringify(line)}\n`)
}

/** Runs the server until a signal ends it. Resolves once it listens. */
export const serve = async ({ adminPort, accessLog, ...options }: ServeOptions): Promise<void> => {
  const metrics = new Metrics()
  const log =
    accessLog === undefined
      ? undefined
      : new AccessLog(accessLog, (error) => {
          logLine({ accessLog: error.message })
        })
  const onRequest = (record: RequestRecord): void => {
    metrics.record(record)
    log?.write(record, Date.now())
    // Only what went wrong inside is worth a line here; refusals are the clients' business.
    if (record.status >= 500 && record.status !== 501) logLine(record)
  }
  const server = await startS3Server({
    ...options,
    onRequest,
    onDamage: (damaged) => {
      logLine({ damaged })
    },
    onDelivery: (events) => {
      logLine({ events })
    },
    onIssuerFailure: ({ message, cause }) => {
      logLine({ issuer: message, cause: String(cause) })
    },
  })
  const admin =
    adminPort === undefined
      ? undefined
      : await startAdminServer(options.host, adminPort, () => renderMetrics(metrics, server, options.dataDir)).catch(
          async (error: unknown) => {
            await server.close()
            throw error
          },
        )
  process.stdout.write(`S3 on ${server.url}\n${admin === undefined ? '' : `Metrics on ${admin.url}/metrics\n`}`)
  const close = async (): Promise<void> => {
    await admin?.close()
    await server.close()
    await log?.close()
  }
  let stoppingSince: number | undefined
  const stop = (): void => {
    if (stoppingSince !== undefined) {
      // npx passes on what a terminal has sent to all: the same wish twice, not impatience.
      if (performance.now() - stoppingSince > REPEATED_SIGNAL_MS) process.exit(1)
      return
    }
    stoppingSince = performance.now()
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', () => {
    log?.reopen()
    server.reloadKeys().then(
      (count) => {
        if (count > 0) logLine({ keysSealedAnew: count })
      },
      (error: unknown) => {
        logLine({ keyFile: error instanceof Error ? error.message : String(error) })
      },
    )
  })
}
