import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postRequest, type Target } from './target.ts'

/**
 * A service of the usual kind (permissions and audit log in SQL, a cloud SDK's presigner) that the caller brings along:
 * `COMMAND up DIR` starts it and prints `URL=…` and `TOKEN=…`, leaves its pid in `DIR/uvicorn.pid` and its PostgreSQL's in `DIR/pg/postmaster.pid`, and `COMMAND down DIR`
 * ends it. Its route is `POST /api/v1/s3/presigned-url {bucket_name, object_key, operation}`.
 */
export function startPeer(command: string): Target {
  const dir = mkdtempSync(join(tmpdir(), 'skycrate-peer-'))
  const printed = execFileSync(command, ['up', dir], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const url = new URL(/^URL=(.+)$/m.exec(printed)?.[1] ?? '')
  const token = /^TOKEN=(.+)$/m.exec(printed)?.[1] ?? ''
  const body = { bucket_name: 'bucket-a', object_key: 'folder-7/report-2026.pdf', operation: 'get_object' }
  return {
    name: 'SQL + SDK peer',
    host: url.hostname,
    port: Number(url.port),
    pids: ['uvicorn.pid', 'pg/postmaster.pid'].map((file) =>
      Number.parseInt(readFileSync(join(dir, file), 'utf8'), 10),
    ),
    request: postRequest('/api/v1/s3/presigned-url', url.host, body, token),
    async [Symbol.asyncDispose]() {
      execFileSync(command, ['down', dir], { stdio: 'inherit' })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
