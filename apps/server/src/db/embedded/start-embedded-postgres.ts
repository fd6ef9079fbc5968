import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { clientConfigOf, type SocketConnection } from '../database-connection.ts'
import type { DatabaseLogger } from '../database-logger.ts'
import { openClient, runQuery } from '../open-client.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { explainFailure } from './explain-failure.ts'
import { initialiseCluster } from './initialise-cluster.ts'
import { endOrphan } from './orphan.ts'
import { locatePostgres } from './postgres-binaries.ts'
import { chooseServerAccount, giveTo, NOBODY } from './server-account.ts'
import { startServerProcess, type ServerProcess, type ServerProcessOptions } from './server-process.ts'
import { prepareSocketDirectory } from './socket-directory.ts'
import { takeSupervisorLock } from './supervisor-lock.ts'

/** Of the role and of the database. */
export const NAME = 'skycrate'
/** In the data directory. */
export const CLUSTER = 'cluster'

export interface EmbeddedPostgresOptions {
  /** PostgreSQL's alone; made when absent. */
  readonly dataDir: string
  readonly logger: DatabaseLogger
  /**
   * For tests: nothing is synced to disk, the event loop does not wait for the server, and server and data are gone when
   * this process is.
   */
  readonly throwaway?: boolean
  /** For tests: settings of PostgreSQL in the place of those that it has. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface EmbeddedPostgres extends AsyncDisposable {
  /** The same for as long as it runs, also across restarts. */
  readonly connection: SocketConnection
  /** Of the server at this moment; undefined while it is being restarted. */
  readonly pid: number | undefined
  /** Stops PostgreSQL in order; close what is connected to it first. */
  close(): Promise<void>
}

/** Milliseconds: between a crash and the restart, doubled with each failure; and after which a crash is a first one. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000
const STABLE = 60_000

/**
 * A real PostgreSQL of one's own, on a unix socket that only this user may reach. It is restarted when it crashes,
 * stopped when this process ends (even by kill -9), and what an earlier process left behind is put in order first.
 * @throws EmbeddedPostgresError
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger, throwaway = false } = options
  const dataDir = makeDataDirectory(options.dataDir)
  using resources = new DisposableStack()
  const lockFile = join(dataDir, 'supervisor.lock')
  resources.use(takeSupervisorLock(lockFile, dataDir))
  const binaries = await locatePostgres(join(dataDir, 'lib'))
  const account = chooseServerAccount(dataDir, [dirname(dataDir), tmpdir(), binaries.postgres, binaries.initdb])
  if (account.kind === 'user-namespace') {
    logger.info('PostgreSQL runs in a user namespace, since no other unprivileged user can run it here')
  }
  if (account.owner?.uid === NOBODY) {
    logger.warn(
      'PostgreSQL runs as nobody, since user namespaces are disabled: do not run anything else as nobody on this machine',
    )
  }
  const cluster = join(dataDir, CLUSTER)
  await giveTo(account, dataDir)
  await giveTo(account, lockFile)
  if (await initialiseCluster({ cluster, user: NAME, binaries, account, logger, durable: !throwaway })) {
    logger.info({ dataDir }, 'created the data directory of the embedded PostgreSQL')
  }
  const socketDirectory = prepareSocketDirectory(dataDir, [process.getuid?.() ?? 0, account.owner?.uid ?? 0])
  await giveTo(account, socketDirectory)
  resources.defer(() => rmSync(socketDirectory, { recursive: true, force: true }))
  await endOrphan(cluster, socketDirectory, logger)

  const processOptions: ServerProcessOptions = {
    cluster,
    socketDirectory,
    binaries,
    account,
    logger,
    durable: !throwaway,
    settings: options.settings ?? {},
    removeWithUs: throwaway ? [dataDir, socketDirectory] : [],
  }
  const connection = { host: socketDirectory, port: 5432, user: NAME, database: NAME }
  let server: ServerProcess | undefined = await startServerProcess(processOptions)
  try {
    await makeDatabase(connection)
  } catch (error) {
    await server.stop()
    throw error
  }
  if (throwaway) server.hold(false)
  const closing = new AbortController()
  const supervision = supervise()
  const keep = resources.move()

  async function supervise(): Promise<void> {
    let pause = FIRST_PAUSE
    while (server) {
      const began = performance.now()
      const how = await server.ended
      server = undefined
      if (closing.signal.aborted) return
      logger.error({ how }, 'PostgreSQL ended by itself; restarting it')
      if (performance.now() - began > STABLE) pause = FIRST_PAUSE
      while (!server) {
        if (await aborted(closing.signal, pause)) return
        pause = Math.min(pause * 2, LONGEST_PAUSE)
        try {
          await endOrphan(cluster, socketDirectory, logger)
          server = await startServerProcess(processOptions)
          if (throwaway) server.hold(false)
          logger.info('PostgreSQL is running again')
        } catch (error) {
          logger.error({ err: error }, 'could not restart PostgreSQL; will retry')
        }
      }
    }
  }

  let closed: Promise<void> | undefined
  function close(): Promise<void> {
    closed ??= (async () => {
      closing.abort()
      await server?.stop()
      await supervision
      // A restart may have been under way.
      await server?.stop()
      keep.dispose()
      if (throwaway) rmSync(dataDir, { recursive: true, force: true })
    })()
    return closed
  }

  return {
    connection,
    get pid() {
      return server?.pid
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function makeDataDirectory(path: string): string {
  try {
    // PostgreSQL's account has to pass what lies above; its own directory is for nobody else.
    mkdirSync(dirname(resolve(path)), { recursive: true })
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return realpathSync(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw explainFailure('the data directory cannot be made', reason, resolve(path))
  }
}

/** Resolves after the pause, or at once when aborted. */
function aborted(signal: AbortSignal, pause: number): Promise<boolean> {
  return new Promise((resolve_) => {
    if (signal.aborted) return resolve_(true)
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve_(signal.aborted)
    }
    const timer = setTimeout(finish, pause)
    signal.addEventListener('abort', finish)
  })
}

/** initdb makes no database of ours; a start that was cut short before this is made up for by the next. */
async function makeDatabase(connection: SocketConnection): Promise<void> {
  const client = await openClient(clientConfigOf({ ...connection, database: 'postgres' }))
  try {
    const found = await runQuery(client, 'select 1 from pg_database where datname = $1', [connection.database])
    if (found.length === 0) await runQuery(client, `create database ${connection.database}`)
  } catch (error) {
    throw new EmbeddedPostgresError('the embedded PostgreSQL started, but its database could not be made', {
      cause: error,
    })
  } finally {
    await client.end()
  }
}
