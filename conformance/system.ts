import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Daemon, type Exit, startDaemon, tail } from './daemon.ts'
import { freePort } from './free-port.ts'
import { request } from './http.ts'
import { poll } from './poll.ts'

const MAIN = fileURLToPath(new URL('../apps/server/src/process/main.ts', import.meta.url))

const UNDECLARED = 'a route answered with a problem that it does not declare'

/** Beyond it a start counts as failed; on an idle machine the first one takes about 3 s. */
const START_LIMIT_MS = 60_000

export interface SystemOptions {
  /** Settings beside the ports, the data folder and the administrator, which are chosen here. */
  readonly env?: Readonly<Record<string, string>>
  /** Where others have to know it before the system starts. */
  readonly httpPort?: number
  /** Kept when the system ends; without it there is a new one, removed at the end. */
  readonly dataDir?: string
  /** Called as soon as it runs, with what tells all that it wrote; it is not ready before this ends. */
  readonly whileStarting?: (output: () => string) => Promise<void>
}

/** The real server in a process of its own, as an operator would start it. */
export interface System extends AsyncDisposable {
  readonly url: string
  readonly s3Url: string
  readonly admin: { readonly email: string; readonly password: string }
  readonly dataDir: string
  readonly pid: number
  /** Everything that it wrote, in all its lives. */
  log(): string
  /** Asks it to end (SIGTERM) and waits until it has. */
  stop(): Promise<Exit>
  kill9(): Promise<void>
  /** Starts it again on the same ports and data, and waits until it is ready. */
  restart(): Promise<void>
}

/** @throws with the end of the log where the system does not become ready */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const [httpPort, s3Port] = [options.httpPort ?? (await freePort()), await freePort()]
  const ownDir = options.dataDir === undefined ? await makeDir() : undefined
  const dataDir = options.dataDir ?? join(ownDir ?? '', 'data')
  const admin = { email: 'admin@skycrate.test', password: randomBytes(12).toString('hex') }
  // A certificate is for a name.
  const origin = options.env?.['SKYCRATE_TLS_CERT'] === undefined ? 'http://127.0.0.1' : 'https://localhost'
  const url = `${origin}:${httpPort}`
  const env: Record<string, string> = {
    SKYCRATE_HTTP_PORT: String(httpPort),
    SKYCRATE_S3_PORT: String(s3Port),
    SKYCRATE_DATA: dataDir,
    SKYCRATE_ADMIN_EMAIL: admin.email,
    SKYCRATE_ADMIN_PASSWORD: admin.password,
    ...options.env,
  }
  const lives: Daemon[] = []
  const life = (): Daemon => {
    const last = lives.at(-1)
    if (!last) throw new Error('the system was never started')
    return last
  }

  const start = async (): Promise<void> => {
    const server = await startServer(env)
    lives.push(server)
    await options.whileStarting?.(() => server.output())
    const ready = await poll('the server is ready', START_LIMIT_MS, async () => {
      if (server.exit()) return 'ended'
      return request(`${url}/readyz`, { timeoutMs: 5000 }).then(
        (answer) => answer.status === 200 && 'ready',
        () => false,
      )
    }).catch(() => 'too late')
    if (ready !== 'ready') {
      const { code, signal } = await server.end('SIGKILL')
      throw new Error(
        `the server did not start (${ready}, ${signal ?? code}). The end of its log:\n${tail(server.output())}`,
      )
    }
  }
  const dispose = async (): Promise<void> => {
    await lives.at(-1)?.end('SIGTERM')
    await endOrphanedPostgres(dataDir)
    if (ownDir) await rm(ownDir, { recursive: true, force: true, maxRetries: 5 })
    // Whatever a test was about: a problem that OpenAPI does not name is a fault.
    const undeclared = lives.flatMap((each) =>
      each
        .output()
        .split('\n')
        .filter((line) => line.includes(UNDECLARED)),
    )
    if (undeclared.length > 0) throw new Error(undeclared.join('\n'))
  }

  try {
    await start()
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    url,
    s3Url: env['S3_ENDPOINT'] ?? `${origin}:${s3Port}`,
    admin,
    dataDir,
    get pid() {
      return life().pid
    },
    log: () => lives.map((each) => each.output()).join(''),
    stop: () => life().end('SIGTERM'),
    async kill9() {
      await life().end('SIGKILL')
    },
    restart: start,
    [Symbol.asyncDispose]: dispose,
  }
}

/** Runs the server with settings that keep it from starting, until it ends. */
export async function runServerToItsEnd(env: Readonly<Record<string, string>>): Promise<Exit & { output: string }> {
  const dir = await makeDir()
  const server = await startServer({ SKYCRATE_DATA: join(dir, 'data'), ...env })
  const timer = setTimeout(() => server.signal('SIGKILL'), START_LIMIT_MS)
  const exit = await server.exited
  clearTimeout(timer)
  await endOrphanedPostgres(dir)
  await rm(dir, { recursive: true, force: true })
  return { ...exit, output: server.output() }
}

/** The embedded database runs as another user when root runs us: it must be able to pass through. */
async function makeDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-test-'))
  await chmod(dir, 0o711)
  return dir
}

// None of our own settings may reach it, and its working folder holds no configuration file.
function startServer(env: Readonly<Record<string, string>>): Promise<Daemon> {
  const { PATH = '', HOME = tmpdir() } = process.env
  return startDaemon(process.execPath, [MAIN], { env: { PATH, HOME, TMPDIR: tmpdir(), ...env }, cwd: tmpdir() })
}

/** A killed server leaves its database running for the next start to take over; after a test there is none. */
async function endOrphanedPostgres(dir: string): Promise<void> {
  for await (const file of glob('**/postmaster.pid', { cwd: dir })) {
    const lines = await readFile(join(dir, file), 'utf8').then(
      (text) => text.split('\n'),
      () => [],
    )
    const pid = Number(lines[0])
    if (!Number.isSafeInteger(pid) || pid <= 1 || !isPostgresOn(pid, dirname(join(dir, file)))) continue
    process.kill(pid, 'SIGQUIT')
    await poll('the database ends', 10_000, () => !isPostgresOn(pid, dirname(join(dir, file)))).catch(() =>
      process.kill(pid, 'SIGKILL'),
    )
  }
}

/** The number alone may by now be another program's. */
function isPostgresOn(pid: number, dataFolder: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return command.includes('postgres') && command.includes(dataFolder)
  } catch {
    return false
  }
}
