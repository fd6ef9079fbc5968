import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A child process that ends when we do, even when we are killed. */
export interface Daemon {
  readonly pid: number
  readonly exited: Promise<Exit>
  /** How it ended; undefined while it runs. */
  exit(): Exit | undefined
  /** All that it wrote so far to stdout and stderr. */
  output(): string
  /** Sends a signal, by this process's own id; does nothing when it has ended. */
  signal(name: NodeJS.Signals): void
  /** Sends the signal, and SIGKILL after the patience has run out; resolves when the process is gone. */
  end(name: NodeJS.Signals, patienceMs?: number): Promise<Exit>
}

export interface DaemonOptions {
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
}

// Linux can end a child with its parent; `setpriv` (util-linux) asks for it and then becomes the program.
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))

/** @throws where the program cannot be started at all */
export async function startDaemon(program: string, args: readonly string[], options: DaemonOptions): Promise<Daemon> {
  const { uid, gid } = options
  const identity = uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${gid ?? uid}`, '--clear-groups']
  const [command, commandArgs] = SETPRIV
    ? [SETPRIV, ['--pdeathsig', 'KILL', ...identity, '--', program, ...args]]
    : [program, [...args]]
  const child = spawn(command, commandArgs, {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(SETPRIV || uid === undefined ? {} : { uid, gid: gid ?? uid }),
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))

  let exit: Exit | undefined
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal }
      resolve(exit)
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(new Error(`cannot start ${program}: ${error.message}`, { cause: error })))
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`cannot start ${program}`)

  const signal = (name: NodeJS.Signals): void => {
    if (!exit) child.kill(name)
  }
  return {
    pid,
    exited,
    exit: () => exit,
    output: () => Buffer.concat(chunks).toString(),
    signal,
    async end(name, patienceMs = 20_000) {
      signal(name)
      const timer = setTimeout(() => signal('SIGKILL'), patienceMs)
      const result = await exited
      clearTimeout(timer)
      return result
    },
  }
}

/** The last lines of a log, for an error message. */
export function tail(text: string, lines = 40): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
