import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decide } from './decide.ts'
import { locationsOf } from './locations.ts'
import { ACTION_BIT, ACTIONS, actionSet, type Operation } from './operation.ts'
import type { Caller, Permission } from './permission.ts'
import { permissionSet } from './permission-set.ts'
import type { Scope } from './scope.ts'

const NOW = 1_700_000_000_000
const user: Caller = { userId: 'usr_alice', groups: [], verifiedEmail: 'a@b' }

const folder = fc
  .array(fc.constantFrom('a', 'a2', 'usr_alice'), { maxLength: 3 })
  .map((parts) => parts.map((part) => `${part}/`).join(''))
const pattern = fc
  .array(fc.constantFrom('a', 'a2', '${user.id}'), { maxLength: 3 })
  .map((parts) => parts.map((part) => `${part}/`).join(''))
const store = fc.constantFrom('default', 'default', 'default', 'other')
const bucket = fc.constantFrom('b', 'b', 'b2')
const permissions = fc.array(
  fc.record<Permission>({
    id: fc.constantFrom('prm_1', 'prm_2'),
    principal: fc.constant({ kind: 'everyone' } as const),
    store,
    bucket,
    prefix: pattern,
    actions: fc.integer({ min: 1, max: 15 }),
    expiresAt: fc.constantFrom(undefined, NOW, NOW + 2),
  }),
  { maxLength: 6 },
)
const scopes = fc.record<Scope>({
  places: fc.array(
    fc.record({
      store,
      bucket: fc.oneof(fc.constant(null), bucket),
      prefix: folder,
      actions: fc.integer({ min: 0, max: 15 }),
    }),
    { maxLength: 4 },
  ),
  expiresAt: fc.constantFrom(NOW, NOW + 1, NOW + 5),
})
const operations = fc.array(
  fc.record<Operation>({
    action: fc.constantFrom(...ACTIONS),
    store,
    bucket,
    key: fc
      .array(fc.constantFrom('a', 'a2', 'usr_alice', ''), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/')),
  }),
  { minLength: 1, maxLength: 8 },
)

const isWithin = ({ places, expiresAt }: Scope, { action, store: where, bucket: name, key }: Operation, now: number) =>
  expiresAt > now &&
  places.some(
    (place) =>
      place.store === where &&
      (place.bucket === null || place.bucket === name) &&
      key.startsWith(place.prefix) &&
      (place.actions & ACTION_BIT[action]) !== 0,
  )

test('a scope allows exactly what its user may do and it names, until the first of the two ends', () => {
  const seen = { both: 0, user: 0, none: 0 }
  const property = fc.property(permissions, scopes, operations, (given, scope, asked) => {
    const whole = permissionSet(given, user)
    const part = permissionSet(given, { ...user, scope })
    for (const now of [NOW - 1, NOW, NOW + 1, NOW + 2]) {
      for (const operation of asked) {
        const alone = decide(whole, operation, now)
        const decision = decide(part, operation, now)
        const expected = alone.outcome === 'allow' && isWithin(scope, operation, now)
        assert.equal(decision.outcome === 'allow', expected, JSON.stringify([operation, now - NOW]))
        if (decision.outcome === 'allow' && alone.outcome === 'allow') {
          assert.equal(decision.expiresAt, Math.min(alone.expiresAt, scope.expiresAt))
          seen.both++
        } else seen[alone.outcome === 'allow' ? 'user' : 'none']++
      }
      // What credentials are scoped to follows: no location names more than is decided.
      for (const location of locationsOf(part, now)) {
        for (const action of ACTIONS) {
          if ((location.actions & ACTION_BIT[action]) === 0) continue
          const { store: where, bucket: name, prefix } = location
          const at = { action, store: where, bucket: name, key: prefix }
          assert.ok(decide(whole, at, now).outcome === 'allow' && isWithin(scope, at, now))
        }
      }
    }
  })
  fc.assert(property, { numRuns: 2000 })
  assert.ok(seen.both > 200 && seen.user > 1000 && seen.none > 1000, JSON.stringify(seen))
})

test('a scope for a folder does not reach its neighbour, and a wider scope than the permission gives no more', () => {
  const all = actionSet(ACTIONS)
  const permission: Permission = {
    id: 'prm_1',
    principal: { kind: 'everyone' },
    store: 'default',
    bucket: 'b',
    prefix: 'a/',
    actions: actionSet(['read']),
  }
  const at = (prefix: string): Scope => ({
    places: [{ store: 'default', bucket: 'b', prefix, actions: all }],
    expiresAt: Infinity,
  })
  const outcome = (prefix: string, key: string, action: 'read' | 'write' = 'read') =>
    decide(
      permissionSet([permission], { ...user, scope: at(prefix) }),
      { action, store: 'default', bucket: 'b', key },
      NOW,
    ).outcome
  assert.equal(outcome('a/x/', 'a/x/1'), 'allow')
  assert.equal(outcome('a/x/', 'a/x2/1'), 'deny')
  assert.equal(outcome('', 'a/1'), 'allow')
  assert.equal(outcome('', 'a2/1'), 'deny')
  assert.equal(outcome('', 'a/1', 'write'), 'deny')
  assert.equal(outcome('c/', 'a/1'), 'deny')
  assert.equal(outcome('${user.id}/', 'usr_alice/1'), 'deny')
})
