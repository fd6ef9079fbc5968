import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { apiOf } from './api.ts'
import { download, home, upload } from './client-steps.ts'
import { type Daemon, tail } from './daemon.ts'
import { type ImageBuilder, openImageBuilder } from './engines/image-builder.ts'
import { type Postgres, startPostgres } from './engines/postgres.ts'
import { freePort } from './free-port.ts'
import { request } from './http.ts'
import { poll } from './poll.ts'

const COMPOSE = fileURLToPath(new URL('../deploy/docker/compose.yaml', import.meta.url))
const MEGABYTE = 1e6

interface Service {
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
}

let builder: ImageBuilder
let image: string
let postgres: Postgres
let data: string
const running: Daemon[] = []

before(
  async () => {
    ;[builder, postgres] = await Promise.all([openImageBuilder(), startPostgres()])
    image = await builder.build('deploy/docker/Dockerfile')
    data = await mkdtemp(join(tmpdir(), 'skycrate-volume-'))
    await chmod(data, 0o777)
  },
  { timeout: 1_200_000 },
)
after(async () => {
  for (const daemon of running.toReversed()) await daemon.end('SIGTERM')
  await builder?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
  if (data) await rm(data, { recursive: true, force: true })
})

/** The file as Docker Compose reads it, checked against its schema. */
async function composed(env: Readonly<Record<string, string>>): Promise<Readonly<Record<string, Service>>> {
  const { PATH = '' } = process.env
  const { stdout } = await promisify(execFile)('docker-compose', ['--file', COMPOSE, 'config'], {
    env: { PATH, HOME: tmpdir(), ...env },
  })
  return (parse(stdout) as { services: Record<string, Service> }).services
}

// Its time holds the building of the image, too.
test('the image is small, runs as nobody and has no npm', { timeout: 1_200_000 }, async () => {
  const { size, user, command, environment } = await builder.inspect(image)
  assert.ok(size < 350 * MEGABYTE, `${size / MEGABYTE} MB`)
  assert.equal(user, '65532:65532')
  assert.deepEqual(command, ['node', 'apps/server/src/process/main.ts'])
  assert.ok(environment.includes('SKYCRATE_HTTP_HOST=0.0.0.0'))
  const container = await builder.container(image)
  const look = await container.start([
    'sh',
    '-c',
    'id -u; command -v npm || echo no npm; ls apps packages; ls -d /data',
  ])
  await look.exited
  assert.equal(
    look.output(),
    '65532\nno npm\napps:\nserver\nweb\n\npackages:\n' + look.output().split('packages:\n')[1]!,
  )
  assert.match(look.output(), /\/data\n$/)
})

test('compose.yaml names what is missing from the environment', async () => {
  await assert.rejects(composed({}), /write deploy\/docker\/\.env first/)
})

test(
  'its services start as compose.yaml says, and a first administrator stores a file',
  { timeout: 180_000 },
  async () => {
    const secrets = {
      SKYCRATE_SECRET: randomBytes(32).toString('base64'),
      POSTGRES_PASSWORD: postgres.password,
      S3_SECRET_ACCESS_KEY: randomBytes(20).toString('hex'),
    }
    const [http, s3, health] = await Promise.all([freePort(), freePort(), freePort()])
    // On one network the services need ports of their own; everything else stands as it is in the file.
    const ports = (text: string): string =>
      text.replaceAll('8080', String(http)).replaceAll('9000', String(s3)).replaceAll('9001', String(health))
    const services = await composed(secrets)
    const { skycrate, store, database } = services
    assert.ok(skycrate && store && database)
    for (const service of [skycrate, store]) {
      assert.equal(service.read_only, true)
      assert.deepEqual(service.cap_drop, ['ALL'])
    }
    const start = async (service: Service, env: Record<string, string>): Promise<Daemon> => {
      const container = await builder.container(image, Object.keys(services))
      const command = (service.command ?? (await builder.inspect(image)).command).map(ports)
      const daemon = await container.start(command, { env, volumes: [`${data}:/data`] })
      running.push(daemon)
      return daemon
    }
    const environmentOf = ({ environment }: Service): Record<string, string> =>
      Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, ports(value)]))

    await start(store, environmentOf(store))
    const given = environmentOf(skycrate)
    const { username, pathname, host } = new URL(given['DATABASE_URL']!)
    assert.deepEqual([username, pathname, host], ['skycrate', '/skycrate', 'database:5432'])
    const server = await start(skycrate, {
      ...given,
      DATABASE_URL: postgres.url(),
      SKYCRATE_HTTP_PORT: String(http),
      // A new one would come from the file's image, and wants a public address to be ready.
      SKYCRATE_HTTP_HOST: '127.0.0.1',
    })
    const url = `http://127.0.0.1:${http}`
    await poll('the container is ready', 120_000, async () => {
      if (server.exit()) throw new Error(tail(server.output()))
      return request(`${url}/readyz`, { timeoutMs: 5000 }).then(
        (answer) => answer.status === 200,
        () => false,
      )
    })
    const healthy = await builder.container(image)
    const check = await healthy.start(['node', 'deploy/docker/healthy.mjs'], {
      env: { SKYCRATE_HTTP_PORT: String(http) },
    })
    assert.equal((await check.exited).code, 0, check.output())
    const away = await healthy.start(['node', 'deploy/docker/healthy.mjs'], { env: { SKYCRATE_HTTP_PORT: '1' } })
    assert.equal((await away.exited).code, 1)

    const settings = { ...given, DATABASE_URL: postgres.url(), SKYCRATE_HTTP_PORT: String(http) }
    for (const [command, says] of [
      [['node', 'scripts/admin.ts', 'list'], /admin@localhost +Administrator +active/],
      [['node', 'scripts/doctor.ts'], /ok +Reach: PostgreSQL answers/],
      [['node', 'scripts/copy-database.ts'], /TARGET_DATABASE_URL must be a URL/],
    ] as const) {
      const ran = await healthy.start([...command], { env: settings })
      await ran.exited
      assert.match(ran.output(), says)
    }

    const password = /^ +password +(\S+)$/m.exec(server.output())?.[1]
    assert.ok(password, server.output())
    const page = await request(url)
    assert.equal(page.status, 200)
    assert.match(page.text, /<div id="root">/)
    const signedIn = await apiOf(url, undefined).post('/auth/login', { email: 'admin@localhost', password })
    assert.equal(signedIn.status, 200, signedIn.text)
    const api = apiOf(url, signedIn.json<{ access_token: string }>().access_token)
    const { bucket } = await home(api)
    await upload(api, bucket, 'a.txt', 'kept in a volume')
    assert.equal((await download(api, bucket, 'a.txt')).toString(), 'kept in a volume')
  },
)
