import { connectTo, settled } from './scale.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'

const REPEATS = 40
const PART = 100_000
/** Milliseconds at the 99th percentile. */
const LIMIT = 300

/** Searches among many names of one bucket, one after another, each for something else. */
export async function search(names: number): Promise<void> {
  await using skyCrate = await startSkyCrate()
  const api = `http://127.0.0.1:${skyCrate.port}/api/v1`
  const headers = { authorization: `Bearer ${skyCrate.token}` }
  const home = (await (await fetch(`${api}/home`, { headers })).json()) as { bucket: string }
  const client = await connectTo(skyCrate.dataDir)
  const filling = performance.now()
  try {
    await client.query('set statement_timeout = 600000')
    await client.query(
      `insert into search_buckets (store, bucket, listed_at) values ('default', $1, now() + interval '1 hour')
       on conflict (store, bucket) do update set listed_at = excluded.listed_at`,
      [home.bucket],
    )
    for (let first = 0; first < names; first += PART) {
      await client.query(
        `insert into search_names (bucket_id, key, folded, size, modified_at)
         select b.id, 'team-' || n % 10000 || '/' || name, lower(name), n, now()
         from search_buckets b, generate_series($2::int, $3::int) n, lateral (select
           (array['Annual report', 'Invoice', 'Minutes', 'Photo', 'Draft', 'Budget', 'Contract', 'Offer', 'Plan', 'Survey'])[n % 10 + 1]
           || ' ' || (array['Berlin', 'Lisbon', 'Osaka', 'Quito', 'Nairobi', 'Oslo', 'Lima', 'Hanoi', 'Tunis', 'Riga', 'Bern',
             'Cairo', 'Delhi'])[n % 13 + 1]
           || ' ' || n || (array['.pdf', '.docx', '.jpg', '.xlsx', '.txt', '.png', '.csv'])[n % 7 + 1] as name) names
         where b.bucket = $1`,
        [home.bucket, first, Math.min(first + PART, names) - 1],
      )
    }
    await client.query('vacuum analyze search_names')
    await settled(client)
  } finally {
    await client.end()
  }
  process.stdout.write(`${names} names filled in ${((performance.now() - filling) / 1000).toFixed(0)} s\n\n`)

  const cases: readonly (readonly [what: string, path: (i: number) => string])[] = [
    ['one of all', (i) => `q=${Math.floor((i * 7919 + 123_456) % names)}`],
    ['two words, hundreds', (i) => `q=${['berlin', 'osaka', 'lima'][i % 3]}%20${100 + i}`],
    ['a tenth of all', (i) => `q=${['invoice', 'minutes', 'budget', 'contract'][i % 4]}`],
    ['every name', (i) => `q=${['.', 'a', 'i'][i % 3]}`],
    ['two letters', (i) => `q=${['in', 'mi', 'bu', 'zz'][i % 4]}`],
    ['nothing', (i) => `q=zzqx${i}`],
    ['a tenth of all, one folder of 10,000', (i) => `q=invoice&bucket=${home.bucket}&prefix=team-${i * 10 + 1}/`],
    ['second page of a tenth', (i) => `q=offer&limit=${50 + i}`],
  ]
  const table: (string | number)[][] = []
  for (const [what, path] of cases) {
    const times: number[] = []
    let found = 0
    for (let i = 0; i < REPEATS; i += 1) {
      const began = performance.now()
      const answer = await fetch(`${api}/s3/search?${path(i)}`, { headers })
      const body = (await answer.json()) as { results?: unknown[] }
      times.push(performance.now() - began)
      if (!answer.ok) throw new Error(`${path(i)}: ${answer.status} ${JSON.stringify(body)}`)
      found = body.results?.length ?? 0
    }
    const sorted = times.toSorted((a, b) => a - b)
    const [p50 = 0, p99 = 0] = [sorted[Math.floor(REPEATS / 2)], sorted.at(-1)]
    table.push([what, p50.toFixed(1), p99.toFixed(1), LIMIT, p99 > LIMIT ? 'too slow' : '', found])
  }
  printTable(['search', 'p50 ms', 'worst ms', 'limit ms', 'misses', 'results'], table, `${names} names in one bucket`)
}
