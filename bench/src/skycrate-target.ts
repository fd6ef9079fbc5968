import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { postRequest, type Target } from './target.ts'

const MAIN = fileURLToPath(new URL('../../apps/server/src/process/main.ts', import.meta.url))
const EMAIL = 'admin@localhost'
const PASSWORD = 'a password for the bench'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/**
 * The whole system as `npm start` runs it, durable settings and all, and a request for a URL in the caller's own home.
 * @returns the target, and an answer of it
 */
export async function startSkyCrate(): Promise<
  Target & { readonly answer: object; readonly dataDir: string; readonly token: string }
> {
  const dataDir = await mkdtemp(join(tmpdir(), 'skycrate-bench-'))
  const [port, s3Port] = [await freePort(), await freePort()]
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      SKYCRATE_DATA: dataDir,
      SKYCRATE_HTTP_PORT: String(port),
      SKYCRATE_S3_PORT: String(s3Port),
      SKYCRATE_ADMIN_EMAIL: EMAIL,
      SKYCRATE_ADMIN_PASSWORD: PASSWORD,
      SKYCRATE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await Promise.race([
      once(child.stdout, 'data'),
      exited.then(() => Promise.reject(new Error('SkyCrate did not start'))),
    ])
    return { ...(await prepareRequest(port)), dataDir, port, pids: [child.pid!], [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Signs in, has a home made, and asks once for the URL that the load then asks for. */
async function prepareRequest(
  port: number,
): Promise<Pick<Target, 'name' | 'host' | 'request'> & { answer: object; token: string }> {
  const url = `http://127.0.0.1:${port}`
  const call = async (path: string, init: RequestInit): Promise<Record<string, string>> => {
    const response = await fetch(`${url}/api/v1${path}`, init)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Record<string, string>
  }
  const headers = { 'content-type': 'application/json' }
  const login = JSON.stringify({ email: EMAIL, password: PASSWORD })
  const { access_token: token } = await call('/auth/login', { method: 'POST', headers, body: login })
  const signed = { ...headers, authorization: `Bearer ${token}` }
  const { authorization } = signed
  const home = await call('/home', { headers: { authorization } })
  const body = { bucket: home['bucket']!, key: 'folder-7/report-2026.pdf', operation: 'get' }
  const answer = await call('/s3/presigned-url', { method: 'POST', headers: signed, body: JSON.stringify(body) })
  return {
    name: 'SkyCrate',
    host: '127.0.0.1',
    request: postRequest('/api/v1/s3/presigned-url', `127.0.0.1:${port}`, body, token),
    answer,
    token: token!,
  }
}
