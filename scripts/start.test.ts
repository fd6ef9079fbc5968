import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('kill -TERM of npm start stops the server, and npm ends when it has stopped', { timeout: 240_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'skycrate-start-'))
  const port = await freePort()
  const settings = { SKYCRATE_HTTP_PORT: String(port), SKYCRATE_S3_PORT: '0', SKYCRATE_DATA: data }
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  try {
    let output = ''
    await new Promise<void>((running, failed) => {
      for (const stream of [npm.stdout, npm.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.includes('SkyCrate is running')) running()
        })
      }
      npm.on('exit', () => failed(new Error(output)))
    })
    npm.kill('SIGTERM')
    await once(npm, 'exit')
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`), 'nobody listens any more')
    assert.match(output, /"reason":"SIGTERM","msg":"stopping"/)
  } finally {
    // Whatever is left of the group, where the test has failed.
    try {
      process.kill(-npm.pid!, 'SIGKILL')
    } catch {}
    rmSync(data, { recursive: true, force: true })
  }
})
