import type { FastifyBaseLogger } from 'fastify'
import { hasTerminal } from './terminal.ts'

/** Milliseconds that requests in flight have to end once the process is told to stop. */
const STOP_WITHIN_MS = 25_000

export interface Lifecycle {
  /** Ends the process, once what runs has ended; told again, at once. */
  stop(reason: string, code: number): Promise<void>
  readonly isStopping: () => boolean
}

/**
 * Stops the process for the signals that ask for that, and for a promise that was rejected and nobody looked at.
 *
 * @param work what ends everything that runs, and what takes up changes
 */
export function handleSignals(logger: FastifyBaseLogger, work: { stop(): Promise<void>; reload(): void }): Lifecycle {
  let stopping = false
  const startedAtTerminal = hasTerminal()

  async function stop(reason: string, code: number): Promise<void> {
    if (stopping) {
      logger.warn({ reason }, 'stopping immediately')
      process.exit(code || 1)
    }
    stopping = true
    logger.info({ reason }, 'stopping')
    setTimeout(() => {
      logger.error('could not stop in time')
      process.exit(1)
    }, STOP_WITHIN_MS).unref()
    await work.stop()
    process.exit(code)
  }

  /** SIGHUP says that the terminal was closed, or, by who sends it on purpose, that something is to be taken up. */
  function hangUp(): void {
    // A terminal that closes tells more than once, by the kernel and by its shell.
    if (stopping) return
    if (process.platform === 'win32' || (startedAtTerminal && !hasTerminal())) void stop('SIGHUP', 0)
    else work.reload()
  }

  process.on('SIGHUP', hangUp)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal, 0))
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'unhandled promise rejection')
    void stop('unhandledRejection', 1)
  })
  return { stop, isStopping: () => stopping }
}
