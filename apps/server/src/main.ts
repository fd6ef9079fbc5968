import { createLogger } from './logger.ts'
import { announce } from './announce.ts'
import { compose, type Running } from './compose.ts'
import type { Config } from './config/config.ts'
import { ConfigError, loadConfig } from './config/load.ts'
import { hasTerminal } from './terminal.ts'

// Threads for the file system, which the embedded store shares: a few large syncs must not keep all the others waiting.
// Node's default is 4.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

/** Milliseconds that requests in flight have to end once the process is told to stop. */
const STOP_WITHIN_MS = 25_000

async function configured(): Promise<Config> {
  try {
    return await loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(78)
  }
}

const config = await configured()
const logger = createLogger(config.log.level)

let stopping = false
let running: Running | undefined
const startedAtTerminal = hasTerminal()
let isReloadDue = false

async function stop(reason: string, code: number): Promise<void> {
  if (stopping) {
    logger.warn({ reason }, 'stopping at once')
    process.exit(code || 1)
  }
  stopping = true
  logger.info({ reason }, 'stopping')
  setTimeout(() => {
    logger.error('could not stop in time')
    process.exit(1)
  }, STOP_WITHIN_MS).unref()
  await running?.stop()
  process.exit(code)
}

/** SIGHUP says that the terminal was closed, or, by who sends it on purpose, that something is to be taken up. */
function hangUp(): void {
  // A terminal that closes tells more than once, by the kernel and by its shell.
  if (stopping) return
  if (process.platform === 'win32' || (startedAtTerminal && !hasTerminal())) void stop('SIGHUP', 0)
  // What comes before that is taken up once it runs.
  else if (running === undefined) isReloadDue = true
  else void running.reload()
}

process.on('SIGHUP', hangUp)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal, 0))
process.on('unhandledRejection', (error) => {
  logger.fatal({ err: error }, 'a promise was rejected and nobody looked')
  void stop('unhandledRejection', 1)
})

try {
  const started = await compose(config, logger, (reason) => void stop(reason, 1))
  running = started
  if (stopping) await started.stop()
  else {
    process.stdout.write(announce(started))
    if (isReloadDue) await started.reload()
  }
} catch (error) {
  logger.debug({ err: error }, 'the start failed')
  process.stderr.write(`SkyCrate could not start: ${(error as Error).message}\n`)
  process.exit(1)
}
