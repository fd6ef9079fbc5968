import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DatabaseLogger } from '../database-logger.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { explainFailure } from './explain-failure.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { giveTo, type ServerAccount } from './server-account.ts'
import { followOutput } from './server-output.ts'

export interface InitialiseOptions {
  readonly cluster: string
  readonly user: string
  readonly binaries: PostgresBinaries
  readonly account: ServerAccount
  readonly logger: DatabaseLogger
  /** Whether the files are synced to disk. */
  readonly durable: boolean
}

/**
 * Makes the cluster unless it is there. It appears under its name only when it is complete and on disk, so one that was
 * cut short is never taken for whole: it is removed and made anew.
 * @returns whether it was made now
 * @throws EmbeddedPostgresError
 */
export async function initialiseCluster(options: InitialiseOptions): Promise<boolean> {
  const { cluster, account } = options
  const parent = dirname(cluster)
  const draftPrefix = `${basename(cluster)}.draft-`
  for (const name of await readdir(parent)) {
    if (name.startsWith(draftPrefix)) await rm(join(parent, name), { recursive: true, force: true, maxRetries: 20 })
  }
  if (existsSync(cluster)) {
    if (!existsSync(join(cluster, 'PG_VERSION'))) {
      throw new EmbeddedPostgresError(`${cluster} is not PostgreSQL's: move it away to start with an empty database`)
    }
    return false
  }
  const draft = await mkdtemp(join(parent, draftPrefix))
  await giveTo(account, draft)
  try {
    await initdb(draft, options)
    await rename(draft, cluster)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
  if (options.durable) await syncDirectory(parent)
  return true
}

async function initdb(directory: string, options: InitialiseOptions): Promise<void> {
  const { binaries, account, logger, user, durable } = options
  const command = account.namedCommand(binaries.initdb, [
    `--pgdata=${directory}`,
    `--username=${user}`,
    '--encoding=UTF8',
    // PostgreSQL's own collation: an upgrade of the system's libraries can never reorder, and so ruin, an index.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
    // Whoever may enter the socket's directory is let in; nobody else may, and there is no TCP.
    '--auth=trust',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ])
  const child = spawn(command.file, command.arguments, {
    ...command.options,
    cwd: '/',
    env: { ...binaries.environment, PATH: '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const output = followOutput(child.stderr, logger)
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => {
      resolve(code === 0 ? undefined : (output.reason() ?? `initdb ended with ${signal ?? code}`))
    })
  })
  if (failure !== undefined)
    throw explainFailure('PostgreSQL could not make its data directory', failure, dirname(directory))
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path)
  await directory.sync()
}
