import { createLogger } from './logger.ts'
import { announce } from './announce.ts'
import { compose, type Running } from './compose.ts'
import type { Config } from './config/config.ts'
import { ConfigError, loadConfig } from './config/load.ts'

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
  logger.flush()
  process.exit(code)
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(signal, 0))
process.on('unhandledRejection', (error) => {
  logger.fatal({ err: error }, 'a promise was rejected and nobody looked')
  void stop('unhandledRejection', 1)
})

try {
  const started = await compose(config, logger, (reason) => void stop(reason, 1))
  running = started
  if (stopping) await started.stop()
  else process.stdout.write(announce(started))
} catch (error) {
  logger.debug({ err: error }, 'the start failed')
  process.stderr.write(`SkyCrate could not start: ${(error as Error).message}\n`)
  process.exit(1)
}
