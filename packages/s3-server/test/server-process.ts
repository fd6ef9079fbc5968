import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CREDENTIALS } from './running-server.ts'
import { waitForAddress } from './wait-for-address.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface ServerProcess extends AsyncDisposable {
  readonly url: string
  readonly child: ChildProcess
  /** Everything it wrote to its standard output. */
  readonly output: () => string
  /** Everything it wrote to its standard error. */
  readonly errors: () => string
  /** Ends it with a signal and waits until it is gone. */
  stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
}

/** Starts the server as its own process, as a user would. Rejects with its error output when it ends instead. */
export const startServerProcess = (dataDir: string, ...parameters: string[]): Promise<ServerProcess> =>
  startServerUnder([], {}, dataDir, ...parameters)

/** As `startServerProcess`, with options for Node and more of an environment. */
export const startServerUnder = async (
  nodeOptions: readonly string[],
  environment: Readonly<Record<string, string>>,
  dataDir: string,
  ...parameters: string[]
): Promise<ServerProcess> => {
  const child = spawn(process.execPath, [...nodeOptions, MAIN, '--data', dataDir, '--port', '0', ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...environment,
      S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
  })
  let output = ''
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const url = await waitForAddress(child)
  const stop = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close')
      child.kill(signal)
      await closed
    }
    return child.exitCode
  }
  return {
    url,
    child,
    output: () => output,
    errors: () => errors,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop('SIGKILL')
    },
  }
}
