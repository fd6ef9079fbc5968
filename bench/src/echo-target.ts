import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { postRequest, type Target } from './target.ts'

/** @param answer what the echo pads its answers with, so that they have the size of the real ones */
export async function startEcho(answer: object): Promise<Target> {
  const file = fileURLToPath(new URL('echo-server.ts', import.meta.url))
  const child = spawn(process.execPath, [file, JSON.stringify(answer)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { hostname, port } = new URL(line.toString().trim())
  return {
    name: 'bare Fastify',
    host: hostname,
    port: Number(port),
    pids: [child.pid!],
    request: postRequest('/', `${hostname}:${port}`, { key: 'folder-7/report-2026.pdf', operation: 'get' }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
