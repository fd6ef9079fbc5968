import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '@skycrate/core/access/decide'
import { type Location, locationsOf } from '@skycrate/core/access/locations'
import { type Action, ACTIONS } from '@skycrate/core/access/operation'
import type { Caller, Permission, Principal } from '@skycrate/core/access/permission'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { compileSessionPolicy } from '@skycrate/core/access/session-policy'
import { escapeEmail } from '@skycrate/core/access/variables'
import { policyAllows } from './session-policy-oracle.ts'

// Random permissions, callers and keys: the rows as they are written, `decide`, and the session policy that is compiled from
// them must say the same of every operation. conformance/same-decision.test.ts asks real stores.

const CASES = Number(process.env['SKYCRATE_TEST_DIFFERENTIAL_CASES'] ?? 100_000)
const SEED = Number(process.env['SKYCRATE_TEST_DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31)
const NOW = 1_700_000_000_000
const STORE = 'default'
const ISSUER = 'https://issuer.example/'

/** What each action needs in S3, by its documentation. */
const NEEDED: Readonly<Record<Action, readonly string[]>> = {
  read: ['s3:GetObject', 's3:GetObjectVersion'],
  write: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
  delete: ['s3:DeleteObject'],
  list: ['s3:ListBucket'],
}

const BUCKETS = ['bkt', 'bkt2', 'bkt-2', 'other']
const NAMES = [
  'a',
  'a2',
  'ab',
  'A',
  'b',
  '*',
  '?',
  '$',
  'a*',
  '${*}',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '"',
  "'",
  '%2F',
  'a%2Fb',
]
const SEGMENTS = [...NAMES, '...', ' ', '+', 'usr_1', 'usr_12', 'ann@x.test', 'private', 'x,y', '[a]', 'a.b', '\u2028']
const VARIABLES = ['${user.id}', '${user.email}', 'u-${user.id}', '${user.id}2']
const CALLERS: readonly Caller[] = [
  { userId: 'usr_1', groups: [{ name: 'staff', issuer: null }], verifiedEmail: 'ann@x.test' },
  { userId: 'usr_12', groups: [{ name: 'staff', issuer: ISSUER }], verifiedEmail: null },
  { userId: 'usr_2', groups: [], verifiedEmail: 'a*b/../c@x.test' },
  { guest: true },
]
const PRINCIPALS: readonly Principal[] = [
  { kind: 'everyone' },
  { kind: 'everyone' },
  { kind: 'guest' },
  { kind: 'user', userId: 'usr_1' },
  { kind: 'user', userId: 'usr_2' },
  { kind: 'group', group: 'staff', issuer: null },
  { kind: 'group', group: 'staff', issuer: ISSUER },
]

type Random = (below: number) => number

/** Mulberry32: small, and the same everywhere. */
function randomOf(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

interface Case {
  readonly rows: readonly Permission[]
  readonly caller: Caller
  readonly action: Action
  readonly bucket: string
  /** Undefined: a list that names no prefix. */
  readonly key: string | undefined
}

type Compile = (locations: readonly Location[]) => string | undefined

const compiled: Compile = (locations) => {
  const result = compileSessionPolicy(locations)
  assert.ok(result.outcome !== 'too-large', 'the rows of a case fit into a policy')
  return result.outcome === 'compiled' ? result.policy : undefined
}

function rowsOf(random: Random): Permission[] {
  const one = <T>(from: readonly T[]): T => from[random(from.length)]!
  return Array.from({ length: 1 + random(5) }, (_, index) => {
    const parts = Array.from({ length: random(4) }, () => (random(4) === 0 ? one(VARIABLES) : one(SEGMENTS)))
    return {
      id: `prm_${index}`,
      principal: one(PRINCIPALS),
      store: random(12) === 0 ? 'elsewhere' : STORE,
      bucket: one(BUCKETS),
      prefix: parts.map((part) => `${part}/`).join(''),
      actions: random(16),
      expiresAt: one([undefined, undefined, undefined, NOW - 1, NOW, NOW + 1]),
    }
  })
}

/** Keys at, below, above and beside what a row covers; anything else without one. */
function keyOf(random: Random, covered: string | undefined): string {
  const one = <T>(from: readonly T[]): T => from[random(from.length)]!
  const tail = Array.from({ length: random(3) }, () => one(SEGMENTS)).join('/')
  const base = covered ?? `${one(SEGMENTS)}/`
  switch (random(8)) {
    case 0:
      return base
    case 1:
      return base.slice(0, Math.max(0, base.length - 1 - random(3)))
    case 2:
      return `${base.slice(0, -1)}${one(SEGMENTS)}/${tail}`
    case 3:
      return base.replace(/[*?$]/, () => one(['x', 'xy', '', '/', '*']))
    case 4:
      return `/${base}${tail}`
    case 5:
      return base.toUpperCase() + tail
    default:
      return `${base}${tail}`
  }
}

/** The rows as they are written: the plainest way to say what a permission is. */
function rowsAllow({ rows, caller, action, bucket, key = '' }: Case): boolean {
  const bit = { read: 1, write: 2, delete: 4, list: 8 }[action]
  return rows.some(({ principal, store, prefix, actions, expiresAt, ...row }) => {
    if (store !== STORE || row.bucket !== bucket || (actions & bit) === 0) return false
    if (expiresAt !== undefined && expiresAt <= NOW) return false
    const place = placeOf(prefix, caller)
    if (place === undefined || !key.startsWith(place)) return false
    if ('guest' in caller) return principal.kind === 'guest'
    if (principal.kind === 'user') return principal.userId === caller.userId
    if (principal.kind !== 'group') return principal.kind === 'everyone'
    return caller.groups.some(({ name, issuer }) => name === principal.group && issuer === principal.issuer)
  })
}

function placeOf(prefix: string, caller: Caller): string | undefined {
  const values = 'guest' in caller ? [] : [caller.userId, escapeEmail(caller.verifiedEmail)]
  let place = prefix
  for (const [index, variable] of ['${user.id}', '${user.email}'].entries()) {
    if (!place.includes(variable)) continue
    const value = values[index]
    if (value === undefined) return undefined
    place = place.split(variable).join(value)
  }
  // A dollar and a brace that begin no variable are no prefix for anyone.
  return prefix.includes('${') && place.includes('${') ? undefined : place
}

function policySays(policy: string | undefined, { action, bucket, key }: Case): boolean | 'parts' {
  if (policy === undefined) return false
  const answers = NEEDED[action].map((name) =>
    policyAllows(
      policy,
      action === 'list' ? { action: name, bucket, prefix: key! } : { action: name, bucket, key: key! },
    ),
  )
  return answers.every((each) => each === answers[0]) ? answers[0]! : 'parts'
}

interface Run {
  readonly allowed: number
  readonly difference: string | undefined
}

/** Asks until all cases are asked or an answer differs. */
function ask(cases: number, seed: number, compile: Compile): Run {
  const random = randomOf(seed)
  let allowed = 0
  for (let asked = 0; asked < cases;) {
    const rows = rowsOf(random)
    for (const caller of CALLERS) {
      const set = permissionSet(rows, caller)
      const policy = compile(locationsOf(set, NOW).filter(({ store }) => store === STORE))
      for (const action of ACTIONS) {
        const row = random(5) > 0 ? rows[random(rows.length)] : undefined
        const key =
          action === 'list' && random(6) === 0
            ? undefined
            : keyOf(random, row && (placeOf(row.prefix, caller) ?? row.prefix))
        if (key === '' && action !== 'list') continue
        const bucket = row && random(8) > 0 ? row.bucket : BUCKETS[random(4)]!
        const each: Case = { rows, caller, action, bucket, key }
        const expected = rowsAllow(each)
        const decided = decide(set, { action, store: STORE, bucket, key: key ?? '' }, NOW).outcome === 'allow'
        const said = policySays(policy, each)
        asked++
        if (expected) allowed++
        if (expected !== decided || decided !== said) {
          const answers = `rows ${expected}, decide ${decided}, policy ${said}`
          return { allowed, difference: `seed ${seed}, case ${asked}: ${answers}\n${JSON.stringify(each)}\n${policy}` }
        }
      }
    }
  }
  return { allowed, difference: undefined }
}

test(`rows, decide and the session policy agree on ${CASES} operations`, (t) => {
  t.diagnostic(`seed ${SEED} (SKYCRATE_TEST_DIFFERENTIAL_SEED), ${CASES} cases (SKYCRATE_TEST_DIFFERENTIAL_CASES)`)
  const { allowed, difference } = ask(CASES, SEED, compiled)
  assert.equal(difference, undefined)
  assert.ok(allowed > CASES / 20, `only ${allowed} of ${CASES} operations were allowed`)
})

const onText =
  (change: (policy: string) => string): Compile =>
  (locations) => {
    const policy = compiled(locations)
    return policy === undefined ? undefined : change(policy)
  }

const BROKEN: Readonly<Record<string, Compile>> = {
  'without the slash that ends a folder': (locations) =>
    compiled(locations.map((each) => ({ ...each, prefix: each.prefix.replace(/\/$/, '') }))),
  'that takes * for any text': onText((policy) => policy.replaceAll('${*}', '*')),
  'that takes ? for any character': onText((policy) => policy.replaceAll('${?}', '?')),
  'that lists whatever the prefix': onText((policy) => policy.replaceAll(/,"Condition":\{.*?\}\}/g, '')),
  'that reads where it may write': onText((policy) =>
    policy.replaceAll('"s3:PutObject"', '"s3:PutObject","s3:GetObject"'),
  ),
  'that forgets to finish uploads': onText((policy) => policy.replaceAll(',"s3:AbortMultipartUpload"', '')),
  'for every bucket whose name begins alike': onText((policy) => policy.replaceAll(':::bkt/', ':::bkt*/')),
  'that forgets the last place': (locations) => compiled(locations.slice(0, -1)),
  'that allows what has ended': (locations) => compiled(locations.map((each) => ({ ...each, actions: 15 }))),
}

for (const [name, compile] of Object.entries(BROKEN)) {
  test(`a compiler ${name} is found out`, () => {
    assert.match(ask(CASES, SEED, compile).difference ?? '', /rows (true|false), decide \1, policy/)
  })
}
