import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startWorld, sts, textOf, type World } from './door-steps.ts'
import { request } from './http.ts'
import { signedHeaders } from './sigv4.ts'

// Nonsense at each door: every answer is a refusal in the words of its protocol, and nothing fails inside.

const CASES = 250
const POOL = 'us-east-1:11111111-2222-3333-4444-555555555555'

let world: World

before(async () => {
  world = await startWorld({ SKYCRATE_GUESTS: 'true' })
})
after(() => world?.[Symbol.asyncDispose]())

/** The same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const PIECES = [
  '',
  '&',
  '=',
  '%',
  '%00',
  '%2e%2e%2f',
  '\0',
  '\u{1f600}',
  '\ud800',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&b;',
  '</',
  ']]>',
  '{"a":',
  '[[[[',
  '__proto__',
  'constructor',
  's3://',
  '*',
  '/../',
  '//',
  '${user.id}',
  'arn:skycrate:iam:::location/',
  'arn:aws:iam::1:role/x',
  'eyJhbGciOiJub25lIn0.e30.',
  'a.b.c',
  'skyp_x',
  'null',
  '-1',
  '1e999',
  'x'.repeat(5000),
]

interface Case {
  readonly pick: <T>(values: readonly T[]) => T
  /** Some pieces in a row. */
  readonly text: () => string
}

async function hostile(ask: (each: Case) => Promise<{ status: number; said: string | undefined }>): Promise<void> {
  const seed = randomInt(2 ** 31)
  const random = randomOf(seed)
  const pick = <T>(values: readonly T[]): T => values[random(values.length)]!
  const text = (): string => Array.from({ length: random(4) }, () => pick(PIECES)).join('')
  for (let i = 0; i < CASES; i++) {
    const { status, said } = await ask({ pick, text })
    // What is not there may be said to be not implemented.
    const isRefusal = (status >= 400 && status < 500) || status === 501
    assert.ok(isRefusal && said !== undefined, `seed ${seed}, case ${i}: ${status} ${said}`)
  }
  assert.equal((await request(`${world.system.url}/healthz`)).status, 200)
  const failures = world.system
    .log()
    .split('\n')
    .filter((line) => line.includes('request failed'))
  assert.deepEqual(failures, [], 'nothing failed inside')
}

test('/sts', () =>
  hostile(async ({ pick, text }) => {
    const form: Record<string, string> = { [text()]: text() }
    form['Action'] = pick(['AssumeRoleWithWebIdentity', 'GetCallerIdentity', 'AssumeRole', text()])
    for (const name of ['RoleArn', 'RoleSessionName', 'Policy', 'DurationSeconds'])
      if (pick([true, false])) form[name] = text()
    form['WebIdentityToken'] = text()
    const answer = await sts(world.system, form, pick(['/sts', '/sts/']))
    return { status: answer.status, said: textOf(answer.text, 'Code') }
  }))

test('/container-credentials', () =>
  hostile(async ({ pick, text }) => {
    const query = new URLSearchParams({ [pick(['bucket', 'prefix', 'durationSeconds', text()])]: text() })
    const authorization = encodeURIComponent(text().replaceAll('\ud800', '')).slice(0, 4000)
    const answer = await request(`${world.system.url}/container-credentials?${query}`, { headers: { authorization } })
    return { status: answer.status, said: answer.json<{ code: string }>().code }
  }))

test('/cognito-identity', () =>
  hostile(async ({ pick, text }) => {
    const fields: Record<string, unknown> = {
      IdentityPoolId: pick([POOL, text()]),
      IdentityId: text(),
      Logins: pick<unknown>([{ [text()]: text() }, text(), [], 7]),
      CustomRoleArn: text(),
    }
    const body = pick([JSON.stringify(fields), text(), JSON.stringify(text())])
    const answer = await request(`${world.system.url}/cognito-identity`, {
      method: 'POST',
      headers: {
        'content-type': pick(['application/x-amz-json-1.1', 'text/plain', 'multipart/form-data']),
        'x-amz-target': `AWSCognitoIdentityService.${pick(['GetId', 'GetCredentialsForIdentity', 'GetOpenIdToken', 'toString'])}`,
      },
      body,
    })
    return { status: answer.status, said: answer.json<{ __type: string }>().__type }
  }))

test('S3 Access Grants, from an administrator who signs what they send', async () => {
  const form = {
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: 'arn:skycrate:iam:::identity',
    WebIdentityToken: world.admin.token!,
  }
  const given = await sts(world.system, form)
  const of = (name: string): string => textOf(given.text, name)!
  const keys = {
    accessKeyId: of('AccessKeyId'),
    secretAccessKey: of('SecretAccessKey'),
    sessionToken: of('SessionToken'),
  }
  const base = '/v20180820/accessgrantsinstance'
  await hostile(async ({ pick, text }) => {
    const path = base + pick(['/dataaccess', '/grant', '/grant/x', '/grant/prm_x', '/location/x', '/x'])
    const body = pick([
      text(),
      `<CreateAccessGrantRequest>${text()}</CreateAccessGrantRequest>`,
      `<CreateAccessGrantRequest><AccessGrantsLocationId>default</AccessGrantsLocationId><AccessGrantsLocationConfiguration><S3SubPrefix>${pick(['b/*', 'skycrate-library/x/*', '*', '/*'])}</S3SubPrefix></AccessGrantsLocationConfiguration><Grantee><GranteeType>${pick(['DIRECTORY_USER', 'IAM', 'X'])}</GranteeType><GranteeIdentifier>${pick(['', 'usr_x', '*'])}</GranteeIdentifier></Grantee><Permission>READ</Permission></CreateAccessGrantRequest>`,
    ])
    const method = path.endsWith('/grant') ? 'POST' : 'GET'
    const sent = method === 'POST' ? body.replaceAll('\ud800', '') : ''
    const query: Record<string, string> =
      method === 'POST'
        ? {}
        : {
            target: encodeURIComponent(text().replaceAll('\ud800', '')).slice(0, 3000) || 'x',
            permission: pick(['READ', 'X']),
          }
    const sign = { method, origin: world.system.url, path, query, keys, region: 'us-east-1', at: new Date() }
    const encoded = new URLSearchParams(query).toString().replaceAll('+', '%20')
    const answer = await request(`${world.system.url}${path}${encoded === '' ? '' : `?${encoded}`}`, {
      method,
      headers: signedHeaders(sign, sent),
      ...(sent === '' ? {} : { body: sent }),
    })
    return { status: answer.status, said: textOf(answer.text, 'Code') }
  })
})

test('bodies beyond the limit are refused before they are read', async () => {
  const body = 'x'.repeat(200_000)
  for (const path of ['/sts', '/cognito-identity', '/v20180820/accessgrantsinstance/grant']) {
    const headers = { 'x-amz-target': 'AWSCognitoIdentityService.GetId' }
    const answer = await request(`${world.system.url}${path}`, { method: 'POST', headers, body })
    assert.equal(answer.status, 400, path)
  }
})
