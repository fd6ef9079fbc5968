import type { FastifyInstance } from 'fastify'
import { registerJobs } from '../compose/background.ts'
import { externalBackends } from '../compose/external-backends.ts'
import { createHttp } from '../compose/http.ts'
import { prepareDatabase } from '../compose/prepare-database.ts'
import { createServices, type Services } from '../compose/services.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { createLambdaLogger } from './logger.ts'

/** What an instance of a function keeps between two events. */
export interface Started extends AsyncDisposable {
  readonly config: Config
  readonly services: Services
  readonly app: FastifyInstance
  readonly logger: ReturnType<typeof createLambdaLogger>
  /** Before each event: what was held may have changed while the instance was frozen. */
  readonly tellOfGap: () => void
}

/** Milliseconds: Aurora Serverless takes about 15 seconds to wake from no capacity at all. */
const CONNECT_MS = 40_000

/**
 * @param onEnqueue told of each job that waits for the function that takes them
 * @throws ConfigError; Error for the operator
 */
export async function start(environment: NodeJS.ProcessEnv, onEnqueue?: () => void): Promise<Started> {
  const config = await loadConfig(environment)
  const logger = createLambdaLogger(config.log.level)
  const backends = externalBackends(config)
  await prepareDatabase(config, backends.connection, logger)
  const services = await createServices(config, backends, logger, {
    listens: false,
    connectTimeout: CONNECT_MS,
    ...(onEnqueue === undefined ? {} : { onEnqueue }),
  })
  registerJobs(services, config, logger)
  const app = await createHttp(config, services, { logger, isStopping: () => false })
  const admin = await services.accounts.ensureFirstAdmin(config.admin)
  if (admin.password !== undefined) {
    const said = 'the first administrator, shown this once: sign in and change the password'
    process.stdout.write(`${JSON.stringify({ msg: said, email: admin.email, password: admin.password })}\n`)
  }
  await app.ready()
  return {
    config,
    services,
    app,
    logger,
    tellOfGap: services.tellOfGap,
    async [Symbol.asyncDispose]() {
      await app.close()
      await services[Symbol.asyncDispose]()
    },
  }
}
