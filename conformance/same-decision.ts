import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { type Api, apiOf } from './api.ts'
import { sts, textOf } from './door-steps.ts'
import { type Answer, request } from './http.ts'
import type { PlainIssuer } from './issuers/plain-issuer.ts'
import { poll } from './poll.ts'
import { objectPath, presignedUrl, type SigningKeys, signedHeaders, uriEncode } from './sigv4.ts'
import type { System } from './system.ts'

export type Engine = 'embedded' | 'ceph'

export interface Asked {
  readonly engine: Engine
  readonly system: System
  readonly issuer: PlainIssuer
  readonly admin: Api
  /** Keys that may do everything at the store. */
  readonly owner: SigningKeys
  readonly seed: number
  readonly cases: number
}

type Action = 'read' | 'write' | 'delete' | 'list'

interface Row {
  readonly principal:
    | { readonly kind: 'everyone' | 'guest' }
    | { readonly kind: 'user'; readonly userId: string }
    | { readonly kind: 'group'; readonly group: string; readonly issuer?: string }
  readonly bucket: string
  readonly prefix: string
  readonly actions: readonly Action[]
}

interface Caller {
  readonly name: string
  readonly api: Api
  /** Undefined: a guest. */
  readonly id: string | undefined
  readonly token: string | undefined
  readonly isStaff: boolean
}

interface Operation {
  readonly action: Action
  readonly bucket: string
  /** Of a list the prefix; undefined where it names none. */
  readonly key: string | undefined
}

/** Credentials of a door and what they are for: everything, or actions at one place. */
interface Session {
  readonly door: string
  readonly keys: SigningKeys
  readonly only: { readonly bucket: string; readonly prefix: string; readonly actions: readonly Action[] } | undefined
}

const ACTIONS: readonly Action[] = ['read', 'write', 'delete', 'list']
const BUCKETS = ['skycrate-diff', 'skycrate-diff2']
const SEGMENTS = [
  ['a', 'a2', 'ab', 'A', 'b', '*', 'a*', '?', '$', '$x', 'é', 'e\u0301', '日本', '😀', '"', "'", '%2F', 'a%2Fb'],
  ['...', ' ', '+', '&=#', '<x>', '[a]', 'x,y', '\u2028', 'private', '${user.id}', 'u${user.id}'],
].flat()
const CONCURRENCY = 12
const POOL = 'us-east-1:11111111-2222-3333-4444-555555555555'
const REGION = 'us-east-1'

/** @throws AssertionError with the seed where an answer differs */
export async function compare(asked: Asked): Promise<{ asked: number; allowed: number; refused: number }> {
  const { admin, engine, issuer, system, seed } = asked
  const random = randomOf(seed)
  const one = <T>(from: readonly T[]): T => from[random(from.length)]!
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  const store = storeOf(asked, agent)

  const person = async (name: string, groups: readonly string[]): Promise<Caller> => {
    const token = issuer.token({ sub: name, aud: 'files', groups, exp: Math.floor(Date.now() / 1000) + 3600 })
    const api = apiOf(system.url, token)
    const me = await api.get('/auth/me')
    assert.equal(me.status, 200, me.text)
    return { name, api, token, id: me.json<{ id: string }>().id, isStaff: groups.includes('staff') }
  }
  const guest = { name: 'guest', api: apiOf(system.url, undefined), id: undefined, token: undefined, isStaff: false }
  const callers: Caller[] = [await person('u1', ['staff']), await person('u12', []), guest]
  const people = callers.flatMap(({ id }) => id ?? [])

  for (const name of BUCKETS) {
    const made = await admin.post('/buckets', { name, mode: 'create' })
    assert.equal(made.status, 201, made.text)
    await poll(`${name} is ready`, 60_000, async () => {
      const bucket = await admin.get(`/buckets/default/${name}`)
      return bucket.json<{ state: string }>().state === 'ready'
    })
  }

  const rowOf = (): Row => {
    const parts = Array.from({ length: random(4) }, () => one(SEGMENTS))
    const actions = ACTIONS.filter(() => random(3) > 0)
    return {
      principal: one<Row['principal']>([
        { kind: 'everyone' },
        { kind: 'guest' },
        { kind: 'user', userId: one(people) },
        { kind: 'group', group: 'staff', issuer: issuer.issuer },
        { kind: 'group', group: 'staff' },
      ]),
      bucket: one(BUCKETS),
      prefix: parts.map((part) => `${part}/`).join(''),
      actions: actions.length > 0 ? actions : ['read'],
    }
  }
  const keyNear = (place: string): string => {
    const tail = Array.from({ length: 1 + random(2) }, () => one(SEGMENTS)).join('/')
    switch (random(7)) {
      case 0:
        return `${place.slice(0, -1)}${one(SEGMENTS)}/${tail}`
      case 1:
        return place.replace(/[*?$]/, () => one(['x', 'xy', '/', '*'])) + tail
      case 2:
        return place === '' ? tail : place.slice(0, -1)
      case 3:
        return `/${place}${tail}`
      case 4:
        return `${place}../${tail}`
      default:
        return place + tail
    }
  }

  const base = (await admin.get('/permissions?limit=1000')).json<{ permissions: Row[] }>().permissions
  let done = 0
  let allowed = 0
  let refused = 0
  const made = new Set<string>()
  /** Of each bucket, what is there to be read. */
  const there = new Map<string, Set<string>>(BUCKETS.map((bucket) => [bucket, new Set()]))

  for (let round = 0; done < asked.cases; round++) {
    for (const id of made) assert.equal((await admin.delete(`/permissions/${id}`)).status, 204)
    made.clear()
    // A guest has no id, so that such a row is refused.
    const written = Array.from({ length: 2 + random(4) }, rowOf).filter(
      ({ principal, prefix }) => principal.kind !== 'guest' || !prefix.includes('${'),
    )
    if (written.length === 0) continue
    for (const row of written) {
      const answer = await admin.post('/permissions', row)
      assert.ok(answer.status === 201 || answer.status === 200, `seed ${seed}: ${answer.text}`)
      made.add(answer.json<{ id: string }>().id)
    }

    const rows = [...base, ...written]
    for (const caller of callers) {
      const places = written.map(({ bucket, prefix }) => ({ bucket, prefix: placeOf(prefix, caller) ?? prefix }))
      const operations = (length: number): Operation[] =>
        Array.from({ length }, () => {
          const { prefix, bucket } = one(places)
          const action = one(ACTIONS)
          const key = action === 'list' && random(6) === 0 ? undefined : keyNear(prefix)
          return { action, bucket: random(8) > 0 ? bucket : one(BUCKETS), key: key === '' ? 'a' : key }
        })
      const about = (what: string): string =>
        `seed ${seed}, round ${round}, ${caller.name}: ${what}\n${JSON.stringify(written)}`

      await decidedAlike(caller, operations(30), rows, about)
      const sessions = await sessionsOf(asked, caller, rows, one(places), random, about)
      refused += 4 - sessions.length
      for (const session of sessions) {
        const wanted = operations(12)
        // What a place begins, so that it is asked about as often as what it does not.
        if (session.only) {
          const { bucket, prefix } = session.only
          for (const action of ACTIONS) wanted.push({ action, bucket, key: keyNear(prefix) || 'a' })
        }
        await eachOf(wanted, CONCURRENCY, async ({ bucket, key, action }) => {
          const keys = there.get(bucket)!
          if (action !== 'read' || keys.has(key!)) return
          keys.add(key!)
          await store.create(bucket, key!)
        })
        const choices = wanted.map(() => random(6))
        await eachOf(wanted, CONCURRENCY, async (operation, index) => {
          const sayable = rows.filter(({ prefix }) => session.only || isSayable(engine, placeOf(prefix, caller) ?? ''))
          const expected = isAllowed(sayable, caller, operation) && isWithin(session, operation)
          const answer = await store.ask(session.keys, operation, choices[index]!)
          done++
          if (expected) allowed++
          const what = `${session.door}, ${JSON.stringify(operation)}, way ${choices[index]}`
          assert.equal(answer, expected, about(`${what}, for ${JSON.stringify(session.only ?? 'everything')}`))
        })
      }
    }
  }
  agent.destroy()
  return { asked: done, allowed, refused }
}

/** The rows as they are written: the plainest way to say what a permission is. */
function isAllowed(rows: readonly Row[], caller: Caller, { action, bucket, key = '' }: Operation): boolean {
  return rows.some(({ principal, actions, ...row }) => {
    const place = placeOf(row.prefix, caller)
    if (row.bucket !== bucket || !actions.includes(action) || place === undefined || !key.startsWith(place))
      return false
    switch (principal.kind) {
      case 'guest':
        return caller.id === undefined
      case 'everyone':
        return caller.id !== undefined
      case 'user':
        return caller.id === principal.userId
      case 'group':
        return caller.isStaff && principal.issuer !== undefined
    }
  })
}

function placeOf(prefix: string, { id }: Caller): string | undefined {
  if (!prefix.includes('${user.id}')) return prefix
  return id === undefined ? undefined : prefix.replaceAll('${user.id}', id)
}

/** Ceph's policies have no way to say `*`, `?` and `$` themselves: such a folder is left out of what covers everything. */
function isSayable(engine: Engine, place: string): boolean {
  return engine === 'embedded' || !/[*?$]/.test(place)
}

function isWithin({ only }: Session, { action, bucket, key = '' }: Operation): boolean {
  return !only || (only.bucket === bucket && key.startsWith(only.prefix) && only.actions.includes(action))
}

/** What the API decides, by presigned URLs in one batch and by lists. */
async function decidedAlike(
  caller: Caller,
  operations: readonly Operation[],
  rows: readonly Row[],
  about: (what: string) => string,
): Promise<void> {
  const clean = operations.filter(({ key = '' }) => !key.split('/').includes('..'))
  const objects = clean.filter(({ action }) => action !== 'list')
  const verbs = { read: 'get', write: 'put', delete: 'delete', list: '' }
  const requests = objects.map(({ action, bucket, key }) => ({ bucket, key, operation: verbs[action] }))
  const answer = await caller.api.post('/s3/presigned-urls', { requests })
  assert.equal(answer.status, 200, about(answer.text))
  const { results } = answer.json<{ results: { url?: string; problem?: { code: string } }[] }>()
  for (const [index, operation] of objects.entries()) {
    const { url, problem } = results[index]!
    assert.ok(url !== undefined || problem?.code === 'forbidden', about(JSON.stringify(problem)))
    const what = `the API, ${JSON.stringify(operation)}`
    assert.equal(url !== undefined, isAllowed(rows, caller, operation), about(what))
  }
  for (const operation of clean.filter(({ action }) => action === 'list')) {
    const { bucket, key } = operation
    const query = key === undefined ? '' : `&prefix=${uriEncode(key)}`
    const { status } = await caller.api.get(`/s3/list/${bucket}?limit=1${query}`)
    assert.ok(status === 200 || status === 403, about(`a list was answered ${status}`))
    assert.equal(status === 200, isAllowed(rows, caller, operation), about(`the API, ${JSON.stringify(operation)}`))
  }
}

/** Credentials of every door. One that refuses where there is something to give is a difference. */
async function sessionsOf(
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

const queryText = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .join('&')

function storeOf({ system, owner }: Asked, agent: Agent) {
  const send = async (
    keys: SigningKeys,
    method: string,
    path: string,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const body = method === 'PUT' && headers['x-amz-copy-source'] === undefined ? 'x' : ''
    const ask = { method, origin: system.s3Url, path, query, headers, keys, region: REGION, at: new Date() }
    const text = queryText(query)
    return request(`${system.s3Url}${path}${text === '' ? '' : `?${text}`}`, {
      method,
      headers: signedHeaders(ask, body),
      body,
      agent,
    })
  }
  /** @throws for anything but yes and no */
  const verdict = ({ status, text }: Answer): boolean => {
    if (status === 200 || status === 204) return true
    if (status === 403) return false
    throw new Error(`the store answered ${status}: ${text}`)
  }

  return {
    async create(bucket: string, key: string): Promise<void> {
      const { status, text } = await send(owner, 'PUT', objectPath(bucket, key))
      assert.equal(status, 200, text)
    },

    /** Whether the store allows it. There are several ways to ask for the same. */
    async ask(keys: SigningKeys, { action, bucket, key }: Operation, way: number): Promise<boolean> {
      const path = objectPath(bucket, key ?? '')
      switch (action) {
        case 'read': {
          if (way === 0) {
            const ask = { method: 'GET', origin: system.s3Url, path, keys, region: REGION, at: new Date() }
            return verdict(await request(presignedUrl(ask, 300), { agent }))
          }
          return verdict(await send(keys, way === 1 ? 'HEAD' : 'GET', path))
        }
        case 'write': {
          if (way > 1) return verdict(await send(keys, 'PUT', path))
          const begun = await send(keys, 'POST', path, { uploads: '' })
          if (!verdict(begun)) return false
          const uploadId = textOf(begun.text, 'UploadId')!
          const ended = await send(keys, 'DELETE', path, { uploadId })
          assert.equal(ended.status, 204, 'who begins an upload may abort it')
          return true
        }
        case 'delete':
          // Its own key: nobody reads it meanwhile.
          return verdict(await send(keys, 'DELETE', `${path}${uriEncode('~gone')}`))
        case 'list': {
          const query: Record<string, string> = way === 0 ? { 'max-keys': '1' } : { 'list-type': '2', 'max-keys': '1' }
          if (key !== undefined) query['prefix'] = key
          if (way === 1) query['delimiter'] = '/'
          return verdict(await send(keys, 'GET', `/${bucket}`, query))
        }
      }
    },
  }
}

async function eachOf<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await act(items[index]!, index)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** Mulberry32: small, and the same everywhere. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
