import { spawn, type ChildProcess } from 'node:child_process'
import type { DatabaseLogger } from '../database-logger.ts'
import { explainFailure } from './explain-failure.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import type { ServerAccount } from './server-account.ts'
import { followOutput } from './server-output.ts'
import { startWatchdog } from './watchdog.ts'

export interface ServerProcessOptions {
  readonly cluster: string
  readonly socketDirectory: string
  readonly binaries: PostgresBinaries
  readonly account: ServerAccount
  readonly logger: DatabaseLogger
  readonly durable: boolean
  /** In the place of those below. */
  readonly settings: Readonly<Record<string, string>>
  /** Directories that go when this process ends without having stopped the server. */
  readonly removeWithUs: readonly string[]
}

export interface ServerProcess {
  readonly pid: number
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>
  /** A fast shutdown: transactions under way are rolled back, what was committed stays. */
  stop(): Promise<void>
  /** Whether the event loop waits for it. */
  hold(held: boolean): void
}

/** Milliseconds. Recovery after a crash replays at most `max_wal_size`, which takes a slow disk a minute or two. */
const START_PATIENCE = 300_000
const STOP_PATIENCE = 30_000
const QUIT_PATIENCE = 5_000

function settings(options: ServerProcessOptions): string[] {
  const { socketDirectory, durable } = options
  const values: Readonly<Record<string, string>> = {
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: '0700',
    max_connections: durable ? '60' : '200',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    max_wal_size: '512MB',
    // One machine's own database: fewer processes, no replicas.
    io_method: 'sync',
    max_parallel_workers_per_gather: '0',
    wal_level: 'minimal',
    max_wal_senders: '0',
    huge_pages: 'off',
    jit: 'off',
    timezone: 'UTC',
    lc_messages: 'C',
    // What clients did wrong is theirs to log; with `log` the server's own affairs and its FATALs are left.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_line_prefix: '',
    log_checkpoints: 'off',
    log_destination: 'stderr',
    logging_collector: 'off',
    cluster_name: 'skycrate',
    ...options.settings,
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/**
 * Starts PostgreSQL and waits until it takes connections.
 * @throws EmbeddedPostgresError
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { cluster, binaries, account, logger } = options
  const command = account.command(binaries.postgres, ['-D', cluster, ...settings(options)])
  const child = spawn(command.file, command.arguments, {
    ...command.options,
    cwd: '/',
    env: { ...binaries.environment, PATH: '/usr/bin:/bin', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: Ctrl-C reaches SkyCrate alone, which stops PostgreSQL when it has finished its own work.
    detached: true,
  })
  const ready = Promise.withResolvers<void>()
  const output = followOutput(child.stderr, logger, ready.resolve)
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const { pid } = child
  const watchdog = pid === undefined ? undefined : startWatchdog(pid, options.removeWithUs)
  void ended.then(() => watchdog?.dismiss())
  const serverProcess: ServerProcess = {
    pid: pid ?? 0,
    ended,
    async stop() {
      for (const [signal, patience] of [
        ['SIGINT', STOP_PATIENCE],
        ['SIGQUIT', QUIT_PATIENCE],
        ['SIGKILL', QUIT_PATIENCE],
      ] as const) {
        child.kill(signal)
        if (await within(patience, ended)) return
        logger.warn({ pid, signal }, 'PostgreSQL did not stop')
      }
    },
    hold: (held) => hold(child, held),
  }
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, START_PATIENCE)
  const outcome = await Promise.race([
    ready.promise.then(() => 'ready' as const),
    ended.then((how) => ({ failure: output.reason() ?? how })),
    late.promise.then(() => ({ failure: `it was not ready after ${START_PATIENCE / 1000} s` })),
  ])
  clearTimeout(timer)
  if (outcome === 'ready') return serverProcess
  await serverProcess.stop()
  throw explainFailure('PostgreSQL did not start', outcome.failure, cluster)
}

async function within(patience: number, event: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, patience, false)
  void event.then(() => resolve(true))
  const happened = await promise
  clearTimeout(timer)
  return happened
}

function hold(child: ChildProcess, held: boolean): void {
  const pipe = child.stderr as (typeof child.stderr & { ref?(): void; unref?(): void }) | null
  if (held) {
    child.ref()
    pipe?.ref?.()
  } else {
    child.unref()
    pipe?.unref?.()
  }
}
