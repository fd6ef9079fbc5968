import { spawn } from 'node:child_process'
import { type KeyObject, verify } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { request } from './http.ts'
import { poll } from './poll.ts'

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find((path) => existsSync(path))
export const skipWithoutEdge =
  NGINX === undefined ? 'nginx: apt-get install --no-install-recommends nginx-light' : false

/** A cache in front of a store that serves what is signed for it, as CloudFront does. */
export interface Edge extends AsyncDisposable {
  readonly url: string
  /** Requests that the cache passed on to the store. */
  passedOn(): number
  /** Moves its clock. @param seconds ahead of this machine's */
  setAhead(seconds: number): void
}

const OWN = ['Expires', 'Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'] as const

/**
 * nginx, with a verifier of CloudFront's signatures that is written from its documentation and from nothing of ours.
 *
 * @param keys public keys by id
 * @param originUrl where an object is read from the store, for a path as it came
 */
export async function startEdge(options: {
  readonly port: number
  readonly keys: ReadonlyMap<string, KeyObject>
  readonly originUrl: (path: string) => Promise<string>
}): Promise<Edge> {
  const { port, keys, originUrl } = options
  const url = `http://127.0.0.1:${port}`
  let ahead = 0
  let passed = 0
  const backend = createServer((incoming, answer) => {
    const asked = incoming.headers['x-asked']
    if (incoming.url === '/verify') {
      const now = Date.now() / 1000 + ahead
      answer.writeHead(isSigned(url, String(asked), incoming.headers.cookie ?? '', keys, now) ? 204 : 403).end()
      return
    }
    passed++
    void originUrl((incoming.url ?? '').split('?')[0]!)
      .then((from) => request(from))
      .then(
        ({ status, body }) => answer.writeHead(status, { 'content-type': 'text/plain' }).end(body),
        () => answer.destroy(),
      )
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const behind = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-edge-'))
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  await writeFile(
    join(dir, 'nginx.conf'),
    `daemon off; ${user} worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 64; }
http {
  access_log off; client_body_temp_path ${dir}/b; fastcgi_temp_path ${dir}/f; proxy_temp_path ${dir}/p;
  scgi_temp_path ${dir}/s; uwsgi_temp_path ${dir}/u; proxy_cache_path ${dir}/cache keys_zone=edge:1m;
  server {
    listen 127.0.0.1:${port};
    location = /verify { internal; proxy_pass ${behind}; proxy_pass_request_body off;
      proxy_set_header content-length ""; proxy_set_header x-asked $request_uri; }
    location / { auth_request /verify; proxy_pass ${behind}; proxy_cache edge; proxy_cache_valid 200 1h;
      proxy_cache_key $uri; proxy_set_header cookie ""; add_header x-cache $upstream_cache_status always; }
  }
}
`,
  )
  const child = spawn(NGINX!, ['-e', join(dir, 'error.log'), '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const edge: Edge = {
    url,
    passedOn: () => passed,
    setAhead: (seconds) => {
      ahead = seconds
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      backend.closeAllConnections()
      await new Promise((resolve) => backend.close(resolve))
      await rm(dir, { recursive: true, force: true })
    },
  }
  try {
    await poll('nginx answers', 30_000, () =>
      request(`${url}/`).then(
        () => true,
        () => false,
      ),
    )
  } catch (error) {
    await edge[Symbol.asyncDispose]()
    throw error
  }
  return edge
}

export const freeEdgePort = freePort

/** Takes the parameters of the query, or else the cookies, and looks at signature, resource and time. */
function isSigned(
  origin: string,
  asked: string,
  cookies: string,
  keys: ReadonlyMap<string, KeyObject>,
  now: number,
): boolean {
  const [path = '', search = ''] = asked.split('?')
  const pairs = search.split('&').filter((pair) => pair !== '')
  const isOwn = (pair: string): boolean => OWN.some((name) => pair.startsWith(`${name}=`))
  const given = new Map(pairs.filter(isOwn).map((pair) => pair.split('=', 2) as [string, string]))
  if (!given.has('Signature')) {
    for (const cookie of cookies.split('; ')) {
      const [, name, value] = /^CloudFront-([^=]+)=(.*)$/.exec(cookie) ?? []
      if (name !== undefined && value !== undefined) given.set(name, value)
    }
  }
  const rest = pairs.filter((pair) => !isOwn(pair))
  const resource = `${origin}${path}${rest.length === 0 ? '' : `?${rest.join('&')}`}`
  const key = keys.get(given.get('Key-Pair-Id') ?? '')
  const signature = given.get('Signature')
  if (key === undefined || signature === undefined) return false
  const bytes = (text: string): Buffer =>
    Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64')
  const canned = given.get('Expires')
  const policy =
    canned === undefined
      ? bytes(given.get('Policy') ?? '').toString()
      : `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${canned}}}}]}`
  const hash = given.get('Hash-Algorithm') === 'SHA256' ? 'sha256' : 'sha1'
  if (!verify(hash, Buffer.from(policy), key, bytes(signature))) return false
  const [statement] = (
    JSON.parse(policy) as {
      Statement: { Resource: string; Condition: { DateLessThan: { 'AWS:EpochTime': number } } }[]
    }
  ).Statement
  if (statement === undefined || now >= statement.Condition.DateLessThan['AWS:EpochTime']) return false
  const pattern = statement.Resource.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', canned === undefined ? '.' : '\\?')
  return new RegExp(`^${pattern}$`).test(resource)
}
