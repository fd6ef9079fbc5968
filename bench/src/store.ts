import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { startNginx } from './nginx-target.ts'
import type { StoreJob, StoreResult } from './store-load.ts'
import { type S3Endpoint, s3Target, type StoreTarget } from './store-target.ts'
import { printTable } from './table.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const SERVER = fileURLToPath(new URL('../../packages/s3-server/src/main.ts', import.meta.url))
const SIZES = [
  { name: '1 KB', bytes: 1024, keys: 256 },
  { name: '1 MB', bytes: 1024 ** 2, keys: 64 },
  { name: '100 MB', bytes: 100 * 1024 ** 2, keys: 16 },
] as const
const CONNECTIONS = [1, 16] as const

export interface StoreBenchOptions {
  readonly rounds: number
  readonly seconds: number
  /** Another S3 store, `http://KEY:SECRET@HOST:PORT`; undefined for none. */
  readonly peer: string | undefined
  /** Where the files are made: the disk that is measured. */
  readonly directory: string | undefined
}

/** PUT and GET of three sizes beside nginx, the disk's limit and another store. Leaves nothing in the directory. */
export async function store({ rounds, seconds, peer, directory }: StoreBenchOptions): Promise<void> {
  const dir = await mkdtemp(join(directory ?? tmpdir(), 'skycrate-store-bench-'))
  try {
    await using ours = await startStore(join(dir, 'store'))
    await using nginx = await startNginx(join(dir, 'nginx'))
    const targets = [await s3At('SkyCrate', ours), ...(nginx ? [nginx] : []), ...(peer ? [await peerAt(peer)] : [])]
    const rows: string[][] = []
    for (const size of SIZES) {
      for (const method of ['PUT', 'GET'] as const) {
        for (const connections of CONNECTIONS) {
          const limits: number[] = []
          const rates = new Map<StoreTarget, number[]>(targets.map((target) => [target, []]))
          // Turn by turn, so that what else the machine does falls on all of them.
          for (let round = 0; round < rounds; round++) {
            for (const [target, list] of rates) {
              const heads = Array.from({ length: size.keys }, (_, at) =>
                target.head(method, `${size.bytes}/${at}`, size.bytes),
              )
              const bodyBytes = method === 'PUT' ? size.bytes : 0
              const { host, port } = target
              if (method === 'GET' && round === 0 && connections === 1) {
                // One pass over all keys: what the PUT rows did not reach is written, and the cache is as warm for all.
                const all = { host, port, connections: 4, durationMs: 0 }
                const put = Array.from({ length: size.keys }, (_, at) =>
                  target.head('PUT', `${size.bytes}/${at}`, size.bytes),
                )
                for (let at = 0; at < size.keys; at += 4) {
                  await load({ ...all, heads: put.slice(at, at + 4), bodyBytes: size.bytes })
                }
              }
              const result = await load({ host, port, heads, bodyBytes, connections, durationMs: seconds * 1000 })
              list.push(result.requests / result.seconds)
            }
            if (method === 'PUT' && size.bytes === 1024) limits.push(await fsyncLimit(dir, size.bytes, connections))
          }
          const medians = [...rates.values()].map(median)
          const [mine = Number.NaN, ...others] = medians
          const cell = (rate: number): string =>
            size.bytes === 1024 ? `${Math.round(rate)}/s` : `${Math.round((rate * size.bytes) / 1e6)} MB/s`
          const limit = limits.length > 0 ? median(limits) : undefined
          rows.push([
            `${method} ${size.name}`,
            String(connections),
            cell(mine),
            ...others.flatMap((other) => [cell(other), `${(mine / other).toFixed(2)}×`]),
            limit === undefined ? '' : cell(limit),
            limit === undefined ? '' : `${(mine / limit).toFixed(2)}×`,
          ])
        }
      }
    }
    const head = ['', 'connections', 'SkyCrate', ...targets.slice(1).flatMap(({ name }) => [name, 'ratio'])]
    printTable(
      [...head, 'synced files', 'ratio'],
      rows,
      `Medians of ${rounds} rounds of ${seconds} s, all on one disk and one machine, load generator included. The ratio is\n` +
        'SkyCrate to the column before. nginx syncs nothing on PUT; SkyCrate answers when the bytes and the index are\n' +
        'synced. "synced files" opens, writes, syncs and closes new files of that size, and does nothing else.',
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** SkyCrate's store as a process of its own, on a data directory that may hold something already. */
export async function startStore(dataDir: string): Promise<AsyncDisposable & S3Endpoint & { readonly pid: number }> {
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`
  const secretAccessKey = randomBytes(20).toString('hex')
  const child = spawn(process.execPath, [SERVER, '--data', dataDir, '--port', '0'], {
    env: { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey, TMPDIR: tmpdir() },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^S3 on (\S+)$/.exec(line)?.[1]
    if (url === undefined || child.pid === undefined) continue
    return { url, accessKeyId, secretAccessKey, bucket: 'bench', pid: child.pid, [Symbol.asyncDispose]: stop }
  }
  throw new Error('the store did not start')
}

async function s3At(name: string, endpoint: S3Endpoint): Promise<StoreTarget> {
  const client = new S3Client({
    endpoint: endpoint.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: endpoint,
  })
  await client.send(new CreateBucketCommand({ Bucket: endpoint.bucket }))
  client.destroy()
  return s3Target(name, endpoint)
}

function peerAt(text: string): Promise<StoreTarget> {
  const { username, password, origin } = new URL(text)
  const endpoint = {
    url: origin,
    accessKeyId: decodeURIComponent(username),
    secretAccessKey: decodeURIComponent(password),
    bucket: `bench-${randomBytes(4).toString('hex')}`,
  }
  return s3At('peer', endpoint)
}

async function load(job: StoreJob): Promise<StoreResult> {
  const child = spawn(process.execPath, [join(HERE, 'store-load.ts')], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(job))
  let result: StoreResult | undefined
  for await (const line of createInterface({ input: child.stdout })) result = JSON.parse(line) as StoreResult
  if (!result) throw new Error('the load generator ended without a result')
  if (result.errors.length > 0) throw new Error(`answers were errors: ${result.errors.join(', ')}`)
  return result
}

/** New synced files a second. */
async function fsyncLimit(dir: string, bytes: number, writers: number): Promise<number> {
  const args = [join(HERE, 'fsync-limit.ts'), dir, String(bytes), String(writers), '2']
  const env = { UV_THREADPOOL_SIZE: String(Math.max(4, writers)) }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return Number(stdout)
}
