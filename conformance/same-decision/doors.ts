import assert from 'node:assert/strict'
import { sts, textOf } from '../door-steps.ts'
import { type Answer, request } from '../http.ts'
import type { PlainIssuer } from '../issuers/plain-issuer.ts'
import { type SigningKeys, signedHeaders } from '../sigv4.ts'
import type { System } from '../system.ts'
import {
  type Action,
  ACTIONS,
  type Asked,
  type Caller,
  isAllowed,
  isSayable,
  placeOf,
  type Row,
  type Session,
} from './model.ts'
import { queryText, REGION } from './store.ts'

const POOL = 'us-east-1:11111111-2222-3333-4444-555555555555'

/** Credentials of every door. One that refuses where there is something to give is a difference. */
export async function sessionsOf(
  { system, issuer, engine }: Asked,
  caller: Caller,
  rows: readonly Row[],
  place: { readonly bucket: string; readonly prefix: string },
  random: (below: number) => number,
  about: (what: string) => string,
): Promise<Session[]> {
  const at = (bucket: string, prefix: string): Action[] =>
    ACTIONS.filter((action) => isAllowed(rows, caller, { action, bucket, key: prefix }))
  const own = rows.filter(({ bucket, prefix }) => {
    const place = placeOf(prefix, caller)
    return place !== undefined && isSayable(engine, place) && at(bucket, place).length > 0
  })
  const hasAny = own.length > 0
  const sessions: Session[] = []
  const keep = (
    door: string,
    answer: Answer,
    keys: SigningKeys | undefined,
    expected: boolean,
    only?: Session['only'],
  ) => {
    if (keys !== undefined) sessions.push({ door, keys, only })
    // Too many places for one policy: refused as a whole, and asked for one by one.
    const isTooLarge =
      only === undefined && own.length > 2 && /PackedPolicyTooLarge|too many|characters; S3 allows/.test(answer.text)
    assert.equal(
      keys !== undefined || isTooLarge,
      expected || isTooLarge,
      about(`${door} answered ${answer.status} ${answer.text}`),
    )
  }

  const actions = isSayable(engine, place.prefix) ? at(place.bucket, place.prefix) : []
  const vended = await caller.api.post('/credentials', place)
  keep('credentials', vended, vended.status === 200 ? vended.json<SigningKeys>() : undefined, actions.length > 0, {
    ...place,
    actions,
  })

  const cognito = await cognitoKeys(system, issuer, caller)
  keep('cognito-identity', cognito.answer, cognito.keys, hasAny)

  if (caller.token === undefined) return sessions
  const form = { Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: caller.token }
  const whole = await sts(system, { ...form, RoleArn: 'arn:aws:iam::123456789012:role/any' })
  keep('sts', whole, keysOf(whole), hasAny)

  const identity = keysOf(await sts(system, { ...form, RoleArn: 'arn:skycrate:iam:::identity' }))
  assert.ok(identity, about('no identity'))
  const permission = (['READ', 'WRITE', 'READWRITE'] as const)[random(3)]!
  const granted = await dataAccess(system, identity, place, permission)
  const reads = actions.includes('read') || actions.includes('list')
  const writes = actions.includes('write')
  const expected = { READ: reads, WRITE: writes, READWRITE: reads && writes }[permission]
  const part: Record<typeof permission, readonly Action[]> = {
    READ: ['read', 'list'],
    WRITE: ['write', 'delete'],
    READWRITE: ACTIONS,
  }
  const kept = actions.filter((action) => part[permission].includes(action))
  keep(`access-grants ${permission}`, granted, keysOf(granted), expected, { ...place, actions: kept })
  return sessions
}

const keysOf = (answer: Answer): SigningKeys | undefined =>
  answer.status === 200
    ? {
        accessKeyId: textOf(answer.text, 'AccessKeyId')!,
        secretAccessKey: textOf(answer.text, 'SecretAccessKey')!,
        sessionToken: textOf(answer.text, 'SessionToken')!,
      }
    : undefined

async function cognitoKeys(
  system: System,
  issuer: PlainIssuer,
  { token }: Caller,
): Promise<{ answer: Answer; keys: SigningKeys | undefined }> {
  const Logins = token === undefined ? undefined : { [issuer.issuer.replace('http://', '')]: token }
  const call = (operation: string, body: object): Promise<Answer> =>
    request(`${system.url}/cognito-identity`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityService.${operation}`,
      },
      body: JSON.stringify({ ...body, Logins }),
    })
  const id = await call('GetId', { IdentityPoolId: POOL })
  assert.equal(id.status, 200, id.text)
  const answer = await call('GetCredentialsForIdentity', id.json())
  if (answer.status !== 200) return { answer, keys: undefined }
  const { Credentials: given } = answer.json<{ Credentials: Record<string, string> }>()
  const [accessKeyId, secretAccessKey] = [given['AccessKeyId']!, given['SecretKey']!]
  return { answer, keys: { accessKeyId, secretAccessKey, sessionToken: given['SessionToken']! } }
}

function dataAccess(
  system: System,
  keys: SigningKeys,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
  permission: string,
): Promise<Answer> {
  const query = { permission, privilege: 'Minimal', target: `s3://${bucket}/${prefix}*` }
  const path = '/v20180820/accessgrantsinstance/dataaccess'
  const headers = { 'x-amz-account-id': '000000000000' }
  const ask = { method: 'GET', origin: system.url, path, query, headers, keys, region: REGION, at: new Date() }
  return request(`${system.url}${path}?${queryText(query)}`, { headers: signedHeaders(ask) })
}
