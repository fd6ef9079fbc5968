import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startDaemon, tail } from '../daemon.ts'
import { freePort } from '../free-port.ts'
import { request } from '../http.ts'
import { poll } from '../poll.ts'

const MAIN = fileURLToPath(new URL('../../packages/s3-server/src/main.ts', import.meta.url))

/** SkyCrate's own S3 server as a process of its own: to the system under test an S3 store like any other. */
export interface S3Server extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * @param keys names that `aws:kms` may ask for
 * @param more what its environment has beside
 */
export async function startS3Server(
  keys: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<S3Server> {
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-s3-'))
  for (const key of keys) await promisify(execFile)(process.execPath, [MAIN, 'keys', 'add', key, '--data', dir])
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`
  const secretAccessKey = randomBytes(20).toString('hex')
  const { PATH = '' } = process.env
  const env = { PATH, TMPDIR: tmpdir(), S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey, ...more }
  const server = await startDaemon(process.execPath, [MAIN, '--data', dir, '--port', String(port)], { env, cwd: dir })
  const dispose = async (): Promise<void> => {
    await server.end('SIGTERM')
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await poll('the S3 server answers', 20_000, () => {
      if (server.exit()) throw new Error('the S3 server ended')
      return request(`${url}/`).then(
        (answer) => answer.status === 403,
        () => false,
      )
    })
  } catch (error) {
    await dispose()
    throw new Error(`the S3 server did not start:\n${tail(server.output())}`, { cause: error })
  }
  return { url, port, accessKeyId, secretAccessKey, [Symbol.asyncDispose]: dispose }
}
