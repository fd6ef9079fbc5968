import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_STORE } from '../naming/store.ts'
import { decide } from './decide.ts'
import { evaluate } from './iam/evaluate.ts'
import { parsePolicy } from './iam/parse-policy.ts'
import { policyRequest } from './iam/policy-request.fixture.ts'
import type { Policy } from './iam/policy.ts'
import { locationsOf } from './locations.ts'
import { ACTIONS, type Action, actionSet } from './operation.ts'
import type { Caller, Permission } from './permission.ts'
import { permissionSet } from './permission-set.ts'
import { boundOfKeys } from './policy-bound.ts'
import { compileSessionPolicy, S3_ACTIONS_OF } from './session-policy.ts'

const NOW = 1_700_000_000_000
const alice: Caller = { userId: 'usr_alice', groups: [] }
const all = actionSet(ACTIONS)

const row = (given: Partial<Permission>): Permission => ({
  id: 'prm_1',
  principal: { kind: 'everyone' },
  store: DEFAULT_STORE,
  bucket: 'b',
  prefix: '',
  actions: all,
  ...given,
})
const compile = (rows: Permission[]) => compileSessionPolicy(locationsOf(permissionSet(rows, alice), NOW))

const read = (text: string): Policy => {
  const parsed = parsePolicy(text, { kind: 'session' })
  assert.ok(parsed.outcome === 'parsed', parsed.outcome === 'malformed' ? parsed.message : '')
  return parsed.policy
}

/** Whether the policy lets every S3 action of one action through; they must agree. */
const isAllowed = (policy: Policy | undefined, action: Action, bucket: string, key: string): boolean => {
  if (policy === undefined) return false
  const requests =
    action === 'list'
      ? [policyRequest('s3:ListBucket', `arn:aws:s3:::${bucket}`, { 's3:prefix': key })]
      : S3_ACTIONS_OF[action].map((name) => policyRequest(name, `arn:aws:s3:::${bucket}/${key}`))
  const verdicts = new Set(requests.map((request) => evaluate(policy, request)))
  assert.equal(verdicts.size, 1)
  return verdicts.has('allow')
}

test('the policy of a home, as it is sent', () => {
  const compiled = compile([row({ prefix: 'private/${user.id}/' }), row({ prefix: 'public/', actions: 9 })])
  assert.ok(compiled.outcome === 'compiled')
  assert.deepEqual(JSON.parse(compiled.policy), {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [...S3_ACTIONS_OF.read, ...S3_ACTIONS_OF.write, ...S3_ACTIONS_OF.delete],
        Resource: 'arn:aws:s3:::b/private/usr_alice/*',
      },
      { Effect: 'Allow', Action: [...S3_ACTIONS_OF.read], Resource: 'arn:aws:s3:::b/public/*' },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::b',
        Condition: { StringLike: { 's3:prefix': ['private/usr_alice/*', 'public/*'] } },
      },
    ],
  })
  assert.equal(compiled.expiresAt, Number.POSITIVE_INFINITY)
})

test('credentials may not outlive the first permission that ends', () => {
  const compiled = compile([row({ prefix: 'a/', expiresAt: NOW + 9 }), row({ prefix: 'b/', expiresAt: NOW + 5 })])
  assert.equal(compiled.outcome === 'compiled' && compiled.expiresAt, NOW + 5)
})

test('nothing allowed is no policy, since a session without one has everything', () => {
  assert.equal(compile([]).outcome, 'nothing-allowed')
  assert.equal(compile([row({ expiresAt: NOW })]).outcome, 'nothing-allowed')
  assert.equal(compile([row({ actions: 0 })]).outcome, 'nothing-allowed')
})

test('too many locations are named, not cut', () => {
  const rows = Array.from({ length: 60 }, (_, i) => row({ prefix: `a-folder-with-a-name-${i}/` }))
  const compiled = compile(rows)
  assert.ok(compiled.outcome === 'too-large')
  assert.ok(compiled.characters > compiled.limit)
  assert.equal(compiled.locations.length, 60)
})

test('where a store takes wildcards as nothing else, a folder with one in its name is left out', () => {
  const rows = [row({ prefix: 'a*/' }), row({ prefix: 'b/' }), row({ prefix: '$c/' }), row({ prefix: 'd?/' })]
  const locations = locationsOf(permissionSet(rows, alice), NOW)
  const compiled = compileSessionPolicy(locations, { escapes: false })
  assert.ok(compiled.outcome === 'compiled')
  assert.deepEqual(
    compiled.locations.map(({ prefix }) => prefix),
    ['b/'],
  )
  assert.match(compiled.policy, /:::b\/b\/\*/)
  assert.doesNotMatch(compiled.policy, /[?$]/)
  const odd = locations.filter(({ prefix }) => prefix !== 'b/')
  assert.equal(compileSessionPolicy(odd, { escapes: false }).outcome, 'not-expressible')
  const bound = boundOfKeys('b', { text: 'b/x*y', open: true })
  assert.equal(compileSessionPolicy(locations, { escapes: false, bound }).outcome, 'not-expressible')
  assert.equal(compileSessionPolicy(locations, { bound }).outcome, 'compiled')
})

test('a list without a prefix needs the whole bucket', () => {
  const asked = policyRequest('s3:ListBucket', 'arn:aws:s3:::b')
  const verdict = (prefix: string): string => {
    const compiled = compile([row({ prefix })])
    return compiled.outcome === 'compiled' ? evaluate(read(compiled.policy), asked) : ''
  }
  assert.equal(verdict(''), 'allow')
  assert.equal(verdict('a/'), 'none')
})

const segment = fc.constantFrom('a', 'a2', 'b', '*', '?', '$', 'é', '日本', '😀', '"', '$*', 'usr_alice', '${user.id}')
const prefixes = fc.array(segment, { maxLength: 3 }).map((parts) => parts.map((part) => `${part}/`).join(''))
const rows = fc.array(
  fc.record({
    id: fc.constantFrom('prm_1', 'prm_2'),
    principal: fc.constantFrom<Permission['principal']>({ kind: 'everyone' }, { kind: 'guest' }),
    store: fc.constant(DEFAULT_STORE),
    bucket: fc.constantFrom('bkt', 'bkt2'),
    prefix: prefixes,
    actions: fc.integer({ min: 1, max: 15 }),
    expiresAt: fc.constantFrom(undefined, NOW, NOW + 1),
  }),
  { maxLength: 6 },
)
const key = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'a2', 'b', '*', '?', '$', 'é', '日本', '😀', '"', '$*', 'usr_alice', 'x', ''), {
      minLength: 1,
      maxLength: 5,
    }),
    fc.nat(3),
  )
  .map(([parts, cut]) => parts.join('/').slice(cut))

test('a session policy allows exactly what decide allows', () => {
  const seen = { allow: 0, deny: 0 }
  const property = fc.property(rows, fc.array(key, { minLength: 1, maxLength: 8 }), (permissions, keys) => {
    const set = permissionSet(permissions, alice)
    const compiled = compileSessionPolicy(locationsOf(set, NOW))
    fc.pre(compiled.outcome !== 'too-large')
    const policy = compiled.outcome === 'compiled' ? read(compiled.policy) : undefined
    if (compiled.outcome === 'compiled') assert.match(compiled.policy, /^[\u0020-\u00ff]{1,2048}$/)
    const asked = [...keys, ...permissions.map(({ prefix }) => prefix.replaceAll('${user.id}', 'usr_alice'))]
    for (const name of asked) {
      for (const action of ACTIONS) {
        for (const bucket of ['bkt', 'bkt2']) {
          const { outcome } = decide(set, { action, store: DEFAULT_STORE, bucket, key: name }, NOW)
          seen[outcome]++
          assert.equal(isAllowed(policy, action, bucket, name), outcome === 'allow', `${action} ${bucket} ${name}`)
        }
      }
    }
  })
  fc.assert(property, { numRuns: 1500 })
  assert.ok(seen.allow > 1000 && seen.deny > 1000)
})

test('places of two stores do not fit into one policy', () => {
  assert.throws(() => compile([row({}), row({ store: 'other' })]), RangeError)
})
