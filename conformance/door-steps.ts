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
import { poll } from './poll.ts'
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
  // Made in the background: a store may take a while for it.
  await poll('the library is there', 60_000, async () => {
    const found = await admin.get(`/permissions?bucket=${bucket}`)
    return found.json<{ permissions: [] }>().permissions.length > 0
  })
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

const AWS = '/usr/bin/aws'
const PYTHON = '/usr/bin/python3'
/** Debian's, which are older than settings of the environment for endpoints: each call names its own. */
export const withoutAws = [AWS, '/usr/lib/python3/dist-packages/boto3'].every((path) => existsSync(path))
  ? false
  : 'apt-get install awscli python3-boto3'

async function runTool(
  { dir, system }: World,
  env: Readonly<Record<string, string>>,
  program: string,
  args: readonly string[],
): Promise<string> {
  // Nothing of this process's environment.
  const whole = {
    PATH: '/usr/bin:/bin',
    HOME: dir,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    S3: system.s3Url,
    STS: `${system.url}/sts`,
    ...env,
  }
  const { stdout } = await promisify(execFile)(program, args, { env: whole, cwd: dir, timeout: 60_000 })
  return stdout
}

/** Runs a script and answers what it printed. `S3` and `STS` in its environment are the endpoints. */
export const python = (
  world: World,
  env: Readonly<Record<string, string>>,
  script: string,
  ...args: string[]
): Promise<string> => runTool(world, env, PYTHON, ['-c', script, ...args])

/** `aws s3 …` at the store. */
export const awsS3 = (world: World, env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> =>
  runTool(world, env, AWS, ['--endpoint-url', world.system.s3Url, 's3', ...args])

const RCLONE = '/usr/bin/rclone'
export const withoutRclone = existsSync(RCLONE) ? false : 'apt-get install rclone'

/** rclone, without a configuration file. */
export const runRclone = (world: World, env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> =>
  runTool(world, env, RCLONE, ['--config', '/dev/null', '--retries', '1', ...args])

/** What the AWS command line gets for a token, as the settings of the next call. */
export async function awsSession(world: World, token: string, roleArn: string): Promise<Record<string, string>> {
  const named = ['--role-arn', roleArn, '--role-session-name', 'conformance', '--web-identity-token', token]
  const endpoint = ['--endpoint-url', `${world.system.url}/sts`, '--output', 'json']
  const text = await runTool(world, {}, AWS, [...endpoint, 'sts', 'assume-role-with-web-identity', ...named])
  const { Credentials: keys } = JSON.parse(text) as {
    Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string }
  }
  return {
    AWS_ACCESS_KEY_ID: keys.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.SecretAccessKey,
    AWS_SESSION_TOKEN: keys.SessionToken,
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
