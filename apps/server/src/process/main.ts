import type { Config } from '../config/config.ts'
import { ConfigError, loadConfig } from '../config/load.ts'
import { announce } from './announce.ts'
import { createLogger } from './logger.ts'
import { run, type Running } from './running.ts'
import { handleSignals } from './signals.ts'

// Threads for the file system, which the embedded store shares: a few large syncs must not keep all the others waiting.
// Node's default is 4.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

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

let running: Running | undefined
let isReloadDue = false
const lifecycle = handleSignals(logger, {
  stop: async () => running?.stop(),
  reload() {
    // What comes before that is taken up once it runs.
    if (running === undefined) isReloadDue = true
    else void running.reload()
  },
})

try {
  const started = await run(config, logger, (reason) => void lifecycle.stop(reason, 1))
  running = started
  if (lifecycle.isStopping()) await started.stop()
  else {
    process.stdout.write(announce(started))
    if (isReloadDue) await started.reload()
  }
} catch (error) {
  logger.debug({ err: error }, 'the start failed')
  process.stderr.write(`SkyCrate could not start: ${(error as Error).message}\n`)
  process.exit(1)
}
