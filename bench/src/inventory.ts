import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { pino } from 'pino'
import { startEmbeddedPostgres } from '../../apps/server/src/db/embedded/start-embedded-postgres.ts'
import { migrate } from '../../apps/server/src/db/migrate.ts'
import { openDatabase } from '../../apps/server/src/db/open.ts'
import { createJobs } from '../../apps/server/src/jobs/jobs.ts'
import { createS3Store } from '../../apps/server/src/stores/s3/s3-store.ts'
import type { Store } from '../../apps/server/src/stores/store.ts'
import { INVENTORY_JOB, inventoryJob } from '../../apps/server/src/usage/inventory-job.ts'
import { shippedPrices } from '../../apps/server/src/usage/price-file.ts'
import { madeUpObject } from './inventory-objects.ts'
import { peakOf, resetPeak } from './peak-memory.ts'
import { makeBucket, startStore } from './store-process.ts'
import { printTable } from './table.ts'

const PAGE = 1000
const BUCKET = 'counted'
const DELIVERY = fileURLToPath(new URL('inventory-delivery.ts', import.meta.url))

/** A store whose listings cost nothing but the objects themselves. */
const listing = (store: Store, objects: number, now: number): Store => ({
  ...store,
  inventory: async (_bucket, cursor) => {
    const from = cursor?.of === 'objects' ? Number(cursor.token) : 0
    const to = Math.min(objects, from + PAGE)
    const items = Array.from({ length: to - from }, (_, at) => madeUpObject(from + at, objects, now))
    return {
      ok: true,
      value: { items, next: to < objects ? { of: 'objects', token: String(to) } : undefined },
    }
  },
})

/** The job that counts a bucket, with its checkpoints in a real database, given what a store lists. */
export async function inventory(objects: number): Promise<void> {
  const logger = pino({ level: 'silent' })
  const dataDir = await mkdtemp(join(tmpdir(), 'skycrate-bench-inventory-'))
  try {
    await using postgres = await startEmbeddedPostgres({ dataDir, logger })
    const { connection } = postgres
    await migrate({ connection, logger })
    await using database = openDatabase({ connection, logger })
    await database.query(`insert into stores (id, kind, endpoint, region) values ('default', 's3', null, 'us-east-1')
      on conflict do nothing`)
    await database.query(`insert into buckets (store, name, kind, state) values ('default', $1, 'created', 'ready')`, [
      BUCKET,
    ])
    const rows: (string | number)[][] = []
    const count = async (name: string, many: number, store: Store): Promise<void> => {
      await using jobs = createJobs({ database, logger, now: Date.now, pollMs: 50 })
      jobs.register(
        INVENTORY_JOB,
        inventoryJob({ database, storeOf: () => store, prices: shippedPrices(), logger, now: Date.now }),
      )
      globalThis.gc?.()
      resetPeak('self')
      const began = performance.now()
      const id = await jobs.enqueue(INVENTORY_JOB, { store: 'default', bucket: BUCKET }, { createdBy: null })
      await jobs.start()
      for (;;) {
        const { state, problem } = await jobs.find(id, { userId: 'usr_none' as never, isAdmin: true })
        if (state === 'done') break
        if (state === 'failed') throw new Error(`the inventory failed: ${problem?.detail ?? problem?.title}`)
        await sleep(50)
      }
      const seconds = (performance.now() - began) / 1000
      const [kept] = await database.query<{ objects: number }>(`select objects from usage_folders where prefix = ''`)
      if (kept?.objects !== many) throw new Error(`${kept?.objects} objects were counted, of ${many}`)
      rows.push([name, many, seconds.toFixed(1), Math.round(many / seconds), `${Math.round(peakOf('self') / 1e6)} MB`])
    }
    await using running = await startStore(await mkdtemp(join(dataDir, 'store-')))
    await makeBucket(running)
    await makeBucket({ ...running, bucket: BUCKET })
    const store = createS3Store({
      id: DEFAULT_STORE,
      kind: 'embedded',
      region: 'us-east-1',
      endpoint: running.url,
      credentials: running,
      pathStyle: true,
      regions: { regionOf: () => undefined, learn: () => undefined },
      logger,
    })
    const now = Date.now()
    for (const many of [objects / 10, objects]) await count('pages of listings', many, listing(store, many, now))
    for (const many of [objects / 10, objects]) {
      const task = JSON.stringify({ store: running, source: BUCKET, objects: many, now })
      await promisify(execFile)(process.execPath, ['--max-old-space-size=8192', DELIVERY, task])
      for (const format of ['CSV', 'Parquet']) {
        await database.query(`delete from usage_sources`)
        await database.query(
          `insert into usage_sources (store, bucket, files_bucket, files_prefix) values ('default', $1, $2, $3)`,
          [BUCKET, running.bucket, `${format}-${many}/`],
        )
        await count(`inventory files, ${format}`, many, store)
      }
    }
    printTable(
      ['counted from', 'objects', 'seconds', 'objects a second', 'most memory resident'],
      rows,
      'The whole job: folders, cells, duplicates and advice, with its checkpoints in PostgreSQL. The pages are made up and cost no request; the files come from the embedded store over HTTP.',
    )
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
