import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startPostgres } from '@skycrate/conformance/engines/postgres.ts'
import { startS3Server } from '@skycrate/conformance/engines/s3-server.ts'
import { packLambda } from '../../scripts/pack-lambda.ts'
import { median } from './median.ts'
import { printTable } from './table.ts'

const SOURCE = fileURLToPath(new URL('../../apps/server/src/lambda/api.ts', import.meta.url))

/** What an HTTP API or a function URL sends for the list of issuers, which a browser asks for first. */
const EVENT = {
  version: '2.0',
  rawPath: '/api/v1/auth/issuers',
  rawQueryString: '',
  headers: {},
  isBase64Encoded: false,
  requestContext: { http: { method: 'GET', sourceIp: '203.0.113.9' } },
}

interface Start {
  readonly status: number
  /** Milliseconds from the start of the process, and those of its processor time. */
  readonly wall: number
  readonly cpu: number
}

/** Times of cold starts: a new process, the import of the handler, the start of the application, the first event. */
export async function lambda(rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'skycrate-lambda-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await packLambda(folder)
  const postgres = stack.use(await startPostgres())
  const store = stack.use(await startS3Server())
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: postgres.url(),
    S3_ENDPOINT: store.url,
    S3_ACCESS_KEY_ID: store.accessKeyId,
    S3_SECRET_ACCESS_KEY: store.secretAccessKey,
    SKYCRATE_SECRET: 'pJ5vT0rCzqk1y8m4W2n9Qd7bXs3LhGfE',
    SKYCRATE_PRODUCTION: 'false',
    SKYCRATE_LOG_LEVEL: 'error',
    SKYCRATE_ADMIN_PASSWORD: 'a password for the bench',
  }
  const cache = { NODE_COMPILE_CACHE: join(folder, 'cache'), NODE_COMPILE_CACHE_PORTABLE: '1' }
  const cases = [
    ['Node alone', undefined, {}],
    ['the sources', SOURCE, {}],
    ['the bundle', join(folder, 'api.mjs'), {}],
    ['the bundle, with its compile cache', join(folder, 'api.mjs'), cache],
  ] as const
  const starts = new Map<string, Start[]>()
  // The first makes the schema and the administrator, and counts for nothing. Then by turns.
  await coldStart(SOURCE, env)
  for (let round = 0; round < rounds; round++) {
    for (const [name, file, more] of cases) {
      starts.set(name, [...(starts.get(name) ?? []), await coldStart(file, { ...env, ...more })])
    }
  }
  printTable(
    ['cold start of', 'until the first answer (ms)', 'processor time (ms)'],
    [...starts].map(([name, each]) => [
      name,
      Math.round(median(each.map(({ wall }) => wall))),
      Math.round(median(each.map(({ cpu }) => cpu))),
    ]),
    `Medians of ${rounds}, in turn, with PostgreSQL on the same machine. A function of 1,769 MB has one processor.`,
  )
}

async function coldStart(file: string | undefined, env: Record<string, string>): Promise<Start> {
  const script =
    file === undefined
      ? 'const status = 200'
      : `const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)})
         const { statusCode: status } = await handler(${JSON.stringify(EVENT)})`
  const report = `const { user, system } = process.cpuUsage()
    process.stdout.write(JSON.stringify({ status, wall: performance.now(), cpu: (user + system) / 1000 }) + '\\n', () => process.exit())`
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${script}\n${report}`], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  const start = JSON.parse(text.trim().split('\n').at(-1)!) as Start
  if (start.status !== 200) throw new Error(`the first event was answered with ${start.status}`)
  return start
}
