import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Api, apiOf, signInAsAdmin } from './api.ts'
import { upload } from './client-steps.ts'
import { type Answer, request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem, type System } from './system.ts'

// Two people whose folders begin alike, and what clients of AWS's protocols need to find them.

export const LIBRARY = 'skycrate-library'

export interface Person extends Api {
  readonly id: string
  readonly subject: string
  /** A folder of their own: `u1/` or `u12/`. */
  readonly prefix: string
  /** As an issuer's app gets it. */
  idToken(): string
}

export interface World extends AsyncDisposable {
  readonly issuer: PlainIssuer
  readonly system: System
  readonly admin: Api
  readonly ada: Person
  readonly bob: Person
  /** An empty folder of files, gone at the end. */
  readonly dir: string
}

export const CLIENT_ID = 'files-app'

export async function startWorld(env: Readonly<Record<string, string>> = {}): Promise<World> {
  await using starting = new AsyncDisposableStack()
  const issuer = starting.use(await startPlainIssuer('/'))
  const issuers = [{ issuer: issuer.issuer, audience: 'files', clientId: CLIENT_ID }]
  const system = starting.use(await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers), ...env } }))
  const admin = await signInAsAdmin(system)
  const bucket = env['SKYCRATE_LIBRARY_BUCKET'] ?? LIBRARY
  const person = async (subject: string): Promise<Person> => {
    const api = apiOf(system.url, issuer.token({ sub: subject, aud: 'files' }))
    const me = await api.get('/auth/me')
    assert.equal(me.status, 200, me.text)
    const { id } = me.json<{ id: string }>()
    const prefix = `${subject}/`
    await grant(admin, { principal: { kind: 'user', userId: id }, bucket, prefix, actions: ALL })
    const idToken = (): string => issuer.token({ sub: subject, aud: CLIENT_ID, nonce: 'n' })
    return { ...api, id, subject, prefix, idToken }
  }
  const [ada, bob] = [await person('u1'), await person('u12')]
  await upload(bob, bucket, 'u12/secret.txt', "bob's")
  const dir = await mkdtemp(join(tmpdir(), 'doors-'))
  starting.defer(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, 'file.txt'), 'hello')
  const running = starting.move()
  return { issuer, system, admin, ada, bob, dir, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

export const ALL = ['read', 'write', 'delete', 'list']

export async function grant(admin: Api, permission: object): Promise<string> {
  const answer = await admin.post('/permissions', permission)
  assert.ok(answer.status === 201 || answer.status === 200, answer.text)
  return answer.json<{ id: string }>().id
}

/** Reads AWS_ENDPOINT_URL_STS; the versions before it always ask AWS. */
const LEAST_BOTOCORE = 31
const PROBE = 'import sys, awscli, boto3, botocore; print(sys.executable, botocore.__version__)'

/** A Python that has awscli and boto3 new enough for settings of the environment, or why there is none. */
export const PYTHON = await findPython()
export const withoutAws =
  PYTHON === undefined ? 'awscli and boto3 with botocore 1.31 or later: pip install awscli boto3' : false

async function findPython(): Promise<string | undefined> {
  const folders = new Set([...(process.env['PATH'] ?? '').split(':'), '/usr/bin'])
  for (const folder of folders) {
    const program = join(folder, 'python3')
    if (!existsSync(program)) continue
    const found = await promisify(execFile)(program, ['-c', PROBE], { timeout: 30_000 }).catch(() => undefined)
    const [, executable, minor] = /^(\S+) 1\.(\d+)\./.exec(found?.stdout ?? '') ?? []
    if (executable !== undefined && Number(minor) >= LEAST_BOTOCORE) return executable
  }
  return undefined
}

/** Runs Python with nothing of this process's environment, and answers what it printed. */
export async function python(
  { dir, system }: World,
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<string> {
  const whole = {
    PATH: '/usr/bin:/bin',
    HOME: dir,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_S3: system.s3Url,
    ...env,
  }
  const { stdout } = await promisify(execFile)(PYTHON!, args, { env: whole, cwd: dir, timeout: 60_000 })
  return stdout
}

/** The AWS command line. */
export const aws = (world: World, env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> =>
  python(world, env, '-m', 'awscli', ...args)

/** What `AWS_WEB_IDENTITY_TOKEN_FILE` needs beside it. */
export async function webIdentity(world: World, token: string, roleArn: string): Promise<Record<string, string>> {
  await writeFile(join(world.dir, 'token'), token)
  return {
    AWS_WEB_IDENTITY_TOKEN_FILE: join(world.dir, 'token'),
    AWS_ROLE_ARN: roleArn,
    AWS_ROLE_SESSION_NAME: 'conformance',
    AWS_ENDPOINT_URL_STS: `${world.system.url}/sts`,
  }
}

/** A form sent to the STS door. */
export function sts(system: System, form: Readonly<Record<string, string>>, path = '/sts'): Promise<Answer> {
  return request(`${system.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Version: '2011-06-15', ...form }).toString(),
  })
}

/** The text of the first element of this name. */
export function textOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
}
