import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startCephTarget } from './ceph-target.ts'
import { median } from './median.ts'
import { startNginx } from './nginx-target.ts'
import { rotate } from './rotate.ts'
import { runStoreLoad } from './run-store-load.ts'
import { startS3rver } from './s3rver-target.ts'
import { makeBucket, startStore } from './store-process.ts'
import { s3Target, type StoreTarget } from './store-target.ts'
import { syncedFiles, syncedRequests } from './sync-limit.ts'
import { printTable } from './table.ts'

const SIZES = [
  { name: '1 KB', bytes: 1024, keys: 256 },
  { name: '1 MB', bytes: 1024 ** 2, keys: 64 },
  { name: '100 MB', bytes: 100 * 1024 ** 2, keys: 16 },
] as const
const CONNECTIONS = [1, 16] as const
/** Bytes of disk for all stores together. */
const ROOM = 20e9
const PEERS: Readonly<Record<string, (directory: string) => Promise<(AsyncDisposable & StoreTarget) | undefined>>> = {
  nginx: startNginx,
  s3rver: startS3rver,
  ceph: startCephTarget,
}

export interface StoreBenchOptions {
  readonly rounds: number
  readonly seconds: number
  /** Another S3 store, `http://KEY:SECRET@HOST:PORT`; undefined for none. */
  readonly peer: string | undefined
  /** Of nginx, s3rver and ceph. */
  readonly peers: readonly string[]
  /** Where the files are made: the disk that is measured. */
  readonly directory: string | undefined
  /** What a row's name must hold, such as `GET 100 MB`. */
  readonly match: string
}

interface Row {
  readonly method: 'PUT' | 'GET'
  readonly size: (typeof SIZES)[number]
  readonly connections: number
}

const ROWS: readonly Row[] = SIZES.flatMap((size) =>
  (['PUT', 'GET'] as const).flatMap((method) => CONNECTIONS.map((connections) => ({ method, size, connections }))),
)

const rowName = ({ method, size }: Row): string => `${method} ${size.name}`

/** PUT and GET of three sizes beside other servers and the disk's limit. Leaves nothing in the directory. */
export async function store(options: StoreBenchOptions): Promise<void> {
  const parent = options.directory ?? tmpdir()
  const { bavail, bsize } = await statfs(parent)
  if (bavail * bsize < ROOM) throw new Error(`this takes ${ROOM / 1e9} GB of disk in ${parent}`)
  const dir = await mkdtemp(join(parent, 'skycrate-store-bench-'))
  try {
    await using started = new AsyncDisposableStack()
    const ours = started.use(await startStore(join(dir, 'store')))
    await makeBucket(ours)
    const targets = [s3Target('SkyCrate', ours)]
    for (const name of options.peers) {
      const start = PEERS[name]
      if (start === undefined) throw new RangeError(`no peer is called ${name}`)
      const peer = await start(join(dir, name))
      if (peer === undefined) process.stderr.write(`${name} is not installed: its column is left out\n`)
      else targets.push(started.use(peer))
    }
    if (options.peer !== undefined) targets.push(await peerAt(options.peer))
    await compare(targets, dir, options)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function compare(
  targets: readonly StoreTarget[],
  dir: string,
  { rounds, seconds, match }: StoreBenchOptions,
): Promise<void> {
  const rows: string[][] = []
  const limits: string[][] = []
  const filled = new Set<number>()
  for (const row of ROWS.filter((each) => rowName(each).includes(match))) {
    const { method, size, connections } = row
    if (method === 'GET' && !filled.has(size.bytes)) {
      filled.add(size.bytes)
      for (const target of targets) await fill(target, size)
    }
    await settle()
    const isLimited = method === 'PUT' && size.bytes === 1024
    const rates = targets.map((): number[] => [])
    const files: number[] = []
    const requests: number[] = []
    const turns = targets.map((target, at) => async () => rates[at]?.push(await rate(target, row, seconds)))
    if (isLimited) {
      turns.push(async () => files.push(await syncedFiles(dir, size.bytes, connections, seconds)))
      turns.push(async () => requests.push(await syncedRequests(dir, size.bytes, connections, seconds)))
    }
    // Turn by turn, so that what else the machine does falls on all of them, and each round another one is first, since the
    // first finds caches and disk as the row before left them.
    for (let round = 0; round < rounds; round++) for (const turn of rotate(turns, round)) await turn()
    const [mine = Number.NaN, ...others] = rates.map(median)
    const cell = (perSecond: number): string =>
      size.bytes === 1024 ? `${Math.round(perSecond)}/s` : `${Math.round((perSecond * size.bytes) / 1e6)} MB/s`
    const beside = (other: number): string[] => [cell(other), `${(mine / other).toFixed(2)}×`]
    rows.push([rowName(row), String(connections), cell(mine), ...others.flatMap(beside)])
    if (isLimited) {
      limits.push([rowName(row), String(connections), cell(mine), ...[median(requests), median(files)].flatMap(beside)])
    }
  }
  printTable(
    ['', 'connections', 'SkyCrate', ...targets.slice(1).flatMap(({ name }) => [name, 'ratio'])],
    rows,
    `Medians of ${rounds} rounds of ${seconds} s, turn by turn, each round another first, on one disk and one machine, load generator included. The ratio is\n` +
      'SkyCrate to the column before. SkyCrate and Ceph answer a PUT when it is synced; nginx and s3rver sync nothing.',
  )
  if (limits.length === 0) return
  process.stdout.write('\n')
  printTable(
    ['', 'connections', 'SkyCrate', 'a synced file a request', 'ratio', 'a synced file', 'ratio'],
    limits,
    '"A synced file a request": an HTTP server of Node with nothing else in it, which writes each body to a new file,\n' +
      'syncs that and answers, under the same load. "A synced file": a loop that opens, writes, syncs and closes new files,\n' +
      'as many at a time as there are connections. Both in the same rounds, on the same disk, a thread a connection.',
  )
}

/** Has the system write what it still holds back: PUTs that synced nothing would be paid for by whoever comes next. */
const settle = async (): Promise<void> => {
  if (platform() !== 'win32') await promisify(execFile)('sync')
}

/** Requests a second. */
async function rate({ host, port, head }: StoreTarget, { method, size, connections }: Row, seconds: number) {
  const heads = Array.from({ length: size.keys }, (_, at) => head(method, `${size.bytes}/${at}`, size.bytes))
  const bodyBytes = method === 'PUT' ? size.bytes : 0
  const result = await runStoreLoad({ host, port, heads, bodyBytes, connections, durationMs: seconds * 1000 })
  return result.requests / result.seconds
}

/**
 * One pass over all keys that writes what the PUT rows did not reach, and one that reads: the page cache is as warm for
 * all, though some write past it.
 */
async function fill({ host, port, head }: StoreTarget, { bytes, keys }: Row['size']): Promise<void> {
  for (const method of ['PUT', 'GET'] as const) {
    const heads = Array.from({ length: keys }, (_, at) => head(method, `${bytes}/${at}`, bytes))
    await runStoreLoad({
      host,
      port,
      heads,
      bodyBytes: method === 'PUT' ? bytes : 0,
      connections: 4,
      durationMs: 'once',
    })
  }
}

async function peerAt(text: string): Promise<StoreTarget> {
  const { username, password, origin } = new URL(text)
  const endpoint = {
    url: origin,
    accessKeyId: decodeURIComponent(username),
    secretAccessKey: decodeURIComponent(password),
    bucket: `bench-${randomBytes(4).toString('hex')}`,
  }
  await makeBucket(endpoint)
  return s3Target('peer', endpoint)
}
