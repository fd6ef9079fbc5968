import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runStoreLoad } from './run-store-load.ts'
import { webTarget } from './store-target.ts'

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

// A thread a writer, so that no sync waits for another's.
const threads = (writers: number): Record<string, string> => ({ UV_THREADPOOL_SIZE: String(Math.max(4, writers)) })

/** New synced files a second, made by that many writers in a bare loop. */
export async function syncedFiles(directory: string, bytes: number, writers: number, seconds: number): Promise<number> {
  const args = [program('fsync-limit.ts'), directory, String(bytes), String(writers), String(seconds)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: threads(writers) })
  return Number(stdout)
}

/** PUTs a second that a bare HTTP server answers, each after a new file was written and synced. */
export async function syncedRequests(
  directory: string,
  bytes: number,
  connections: number,
  seconds: number,
): Promise<number> {
  const files = await mkdtemp(join(directory, 'sync-server-'))
  const child = spawn(process.execPath, [program('sync-server.ts'), files], {
    env: threads(connections),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    for await (const port of createInterface({ input: child.stdout })) {
      const { host, head } = webTarget('', `http://127.0.0.1:${port}`)
      const heads = [head('PUT', 'file', bytes)]
      const job = { host, port: Number(port), heads, bodyBytes: bytes, connections, durationMs: seconds * 1000 }
      const result = await runStoreLoad(job)
      return result.requests / result.seconds
    }
    throw new Error('the bare server did not start')
  } finally {
    child.kill('SIGTERM')
    await ended
    await rm(files, { recursive: true, force: true })
  }
}
