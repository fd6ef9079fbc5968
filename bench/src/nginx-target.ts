import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type StoreTarget, webTarget } from './store-target.ts'

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find((path) => existsSync(path))

/**
 * nginx as a file server in `directory`: PUT through its DAV module (which syncs nothing), GET with sendfile.
 * @returns undefined where nginx is not installed
 */
export async function startNginx(directory: string): Promise<(AsyncDisposable & StoreTarget) | undefined> {
  if (NGINX === undefined) return undefined
  const port = await freePort()
  await mkdir(join(directory, 'files'), { recursive: true })
  const config = join(directory, 'nginx.conf')
  const asRoot = process.getuid?.() === 0
  await writeFile(
    config,
    `daemon off; worker_processes auto; pid ${directory}/pid; error_log ${directory}/error.log;${asRoot ? ' user root;' : ''}
events { worker_connections 512; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; client_max_body_size 0;
  client_body_temp_path ${directory}/body; fastcgi_temp_path ${directory}/f; proxy_temp_path ${directory}/p;
  scgi_temp_path ${directory}/s; uwsgi_temp_path ${directory}/u;
  server { listen 127.0.0.1:${port}; root ${directory}/files; dav_methods PUT; create_full_put_path on; }
}
`,
  )
  const child = spawn(NGINX, ['-e', join(directory, 'error.log'), '-c', config], { stdio: 'inherit' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${port}`
  for (let attempt = 0; ; attempt++) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    )
    if (answers) break
    if (attempt === 100 || child.exitCode !== null) throw new Error('nginx did not start')
    await sleep(50)
  }
  return {
    ...webTarget('nginx', url),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
