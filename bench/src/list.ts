import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { median } from './median.ts'
import { runStoreLoad } from './run-store-load.ts'
import { clientOf, makeBucket, type RunningStore, startStore } from './store-process.ts'
import { s3Head } from './store-target.ts'
import { printTable } from './table.ts'

export interface ListBenchOptions {
  readonly rounds: number
  readonly seconds: number
  /** Of the large bucket. */
  readonly keys: number
  readonly directory: string | undefined
}

const FEW = 10_000
const PAGE = 1000
/** Bytes of the index a key takes, generously: the files, and what SQLite needs beside them. */
const BYTES_PER_KEY = 600
/** Pages asked for in turn about each place, so that no single one is the warm one. */
const SPREAD = 32

/** How many keys lie where; every part holds three pages at least. */
interface Layout {
  /** `flat/00000000`: no folder below. Each tenth has an older version. */
  readonly flat: number
  /** `tree/0000000/0`: folders of three keys. */
  readonly folders: number
  /** `wide/000/000000`: a thousand folders of this many keys. */
  readonly perWide: number
}

const layoutOf = (keys: number): Layout => ({
  flat: Math.round(keys * 0.4),
  folders: Math.round(keys * 0.1),
  perWide: Math.round(keys * 0.0003),
})

const WIDE_FOLDERS = 1000
const flatKey = (at: number): string => `flat/${String(at).padStart(8, '0')}`
const folderOf = (at: number): string => `tree/${String(at).padStart(7, '0')}/`

interface Case {
  readonly name: string
  /** @param shift 0 to 1: which of the pages about the place */
  readonly query: (layout: Layout, shift: number) => Readonly<Record<string, string>>
}

/** The key before the page that begins at `fraction` of what is there, with room for a whole page after it. */
const before = (count: number, fraction: number, shift: number, key: (at: number) => string): string => {
  const rest = Math.max(0, count - PAGE - 1)
  return key(Math.floor(Math.max(0, Math.min(rest, rest * fraction + (shift - 0.5) * 0.1 * rest))))
}

const PLACES = [
  { name: 'in the middle', fraction: 0.5 },
  { name: 'near the end', fraction: 0.95 },
] as const

const CASES: readonly Case[] = [
  { name: 'from the start', query: () => ({}) },
  ...PLACES.map(({ name, fraction }) => ({
    name: `1,000 keys, ${name}`,
    query: ({ flat }: Layout, shift: number) => ({ 'start-after': before(flat, fraction, shift, flatKey) }),
  })),
  {
    name: '1,000 keys of a folder, delimiter, in the middle',
    query: ({ flat }, shift) => ({
      prefix: 'flat/',
      delimiter: '/',
      'start-after': before(flat, 0.5, shift, flatKey),
    }),
  },
  { name: '1,000 small folders, from the start', query: () => ({ prefix: 'tree/', delimiter: '/' }) },
  ...PLACES.map(({ name, fraction }) => ({
    name: `1,000 small folders, ${name}`,
    query: ({ folders }: Layout, shift: number) => ({
      prefix: 'tree/',
      delimiter: '/',
      'start-after': before(folders, fraction, shift, folderOf),
    }),
  })),
  { name: '1,000 folders that hold a third of all', query: () => ({ prefix: 'wide/', delimiter: '/' }) },
  { name: '3 folders that hold all', query: () => ({ delimiter: '/' }) },
  { name: 'versions, from the start', query: () => ({ versions: '' }) },
  ...PLACES.map(({ name, fraction }) => ({
    name: `versions, ${name}`,
    query: ({ flat }: Layout, shift: number) => ({
      versions: '',
      'key-marker': before(flat, fraction, shift, flatKey),
    }),
  })),
  {
    name: 'versions of 1,000 small folders, in the middle',
    query: ({ folders }, shift) => ({
      versions: '',
      prefix: 'tree/',
      delimiter: '/',
      'key-marker': before(folders, 0.5, shift, folderOf),
    }),
  },
  {
    name: 'versions of 1,000 folders that hold a third of all',
    query: () => ({ versions: '', prefix: 'wide/', delimiter: '/' }),
  },
]

/** Puts the keys into a bucket that holds one object, as copies of it. */
function fill(dataDir: string, layout: Layout): void {
  const database = new DatabaseSync(join(dataDir, 'index.sqlite'))
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; BEGIN')
    const columns = 'version_id, modified_at, size, etag, storage_class, blob_id, encryption, attributes'
    const selected = columns.replaceAll(/(\w+)/g, 'seed.$1')
    const count = 'WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)'
    let sequence = 1
    const add = (table: string, keys: number, key: string): void => {
      database
        .prepare(
          `${count} INSERT INTO ${table} (bucket_id, key, sequence, ${columns})
           SELECT seed.bucket_id, ${key}, ${sequence} + i + 1, ${selected}
           FROM n CROSS JOIN object AS seed WHERE seed.key = 'seed'`,
        )
        .run(keys)
      sequence += keys
    }
    add('object_history', layout.flat / 10, `printf('flat/%08d', i * 10)`)
    add('object', layout.flat, `printf('flat/%08d', i)`)
    add('object', layout.folders * 3, `printf('tree/%07d/%d', i / 3, i % 3)`)
    const { perWide } = layout
    add('object', WIDE_FOLDERS * perWide, `printf('wide/%03d/%06d', i / ${perWide}, i % ${perWide})`)
    database.prepare(`UPDATE counter SET value = ? WHERE name = 'sequence'`).run(sequence)
    database.prepare('UPDATE blob SET references_count = ?').run(sequence)
    database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
}

/** A store with one bucket of that many keys, besides the one they are copies of. */
async function startFilled(dataDir: string, keys: number): Promise<RunningStore> {
  {
    await using empty = await startStore(dataDir)
    await makeBucket(empty)
    const client = clientOf(empty)
    await client.send(new PutObjectCommand({ Bucket: empty.bucket, Key: 'seed', Body: 'x' }))
    client.destroy()
  }
  fill(dataDir, layoutOf(keys))
  return startStore(dataDir)
}

/** Milliseconds of a page, in the middle of many. */
async function pageTime(store: RunningStore, { query }: Case, layout: Layout, seconds: number): Promise<number> {
  const { hostname, port } = new URL(store.url)
  const heads = Array.from({ length: SPREAD }, (_, at) => {
    const asked = query(layout, at / (SPREAD - 1))
    const list = 'versions' in asked ? asked : { 'list-type': '2', ...asked }
    return s3Head(store, { method: 'GET', query: Object.entries({ 'max-keys': String(PAGE), ...list }) })
  })
  const job = { host: hostname, port: Number(port), heads, bodyBytes: 0, connections: 1, durationMs: seconds * 1000 }
  return (await runStoreLoad(job)).p50
}

/** A page among few keys and among many. Leaves nothing in the directory. @throws where there is no room for it */
export async function list({ rounds, seconds, keys, directory }: ListBenchOptions): Promise<void> {
  const parent = directory ?? tmpdir()
  const { bavail, bsize } = await statfs(parent)
  if (bavail * bsize < keys * BYTES_PER_KEY) {
    throw new Error(`${keys} keys need ${Math.ceil((keys * BYTES_PER_KEY) / 1e9)} GB free in ${parent}`)
  }
  const dir = await mkdtemp(join(parent, 'skycrate-list-bench-'))
  try {
    const sizes = [FEW, keys].map((count) => ({ count, layout: layoutOf(count) }))
    await using few = await startFilled(join(dir, 'few'), FEW)
    await using many = await startFilled(join(dir, 'many'), keys)
    const stores = [few, many]
    const rows: string[][] = []
    for (const each of CASES) {
      const times: number[][] = [[], []]
      for (let round = 0; round < rounds; round++) {
        for (const [at, store] of stores.entries()) {
          const layout = sizes[at]?.layout ?? layoutOf(keys)
          times[at]?.push(await pageTime(store, each, layout, seconds))
        }
      }
      const [small = Number.NaN, large = Number.NaN] = times.map(median)
      rows.push([each.name, `${small.toFixed(2)} ms`, `${large.toFixed(2)} ms`, `${(large / small).toFixed(2)}×`])
    }
    const names = sizes.map(({ count }) => `among ${count.toLocaleString('en')} keys`)
    printTable(
      ['a page of 1,000', ...names, 'ratio'],
      rows,
      `Milliseconds of one request, over HTTP and signed: medians of ${rounds} rounds of ${seconds} s, ${SPREAD} pages about each place in\n` +
        'turn. Four tenths of the keys lie in one folder (each tenth of them with an older version), three in folders of\n' +
        'three, three in a thousand folders. Two stores, turn by turn.',
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
