import type { RequestRecord } from '../handle-request.ts'
import type { ScrubFinding } from '../scrub.ts'
import { startS3Server } from '../server.ts'
import type { S3ServerOptions } from '../server.ts'

/** Only what went wrong inside is worth a line; refusals are the clients' business. */
const logFailure = (record: RequestRecord): void => {
  if (record.status >= 500 && record.status !== 501) process.stderr.write(`${JSON.stringify(record)}\n`)
}

const logDamage = (finding: ScrubFinding): void => {
  process.stderr.write(`${JSON.stringify({ damaged: finding })}\n`)
}

/** Runs the server until a signal ends it. Resolves once it listens. */
export const serve = async (options: S3ServerOptions): Promise<void> => {
  const server = await startS3Server({ ...options, onRequest: logFailure, onDamage: logDamage })
  process.stdout.write(`S3 on ${server.url}\n`)
  const stop = (): void => {
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
