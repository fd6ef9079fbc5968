import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_STORE } from '../naming/store.ts'
import { decide } from './decide.ts'
import { ACTIONS, actionSet } from './operation.ts'
import type { Caller, Permission } from './permission.ts'
import { permissionSet } from './permission-set.ts'

const NOW = 1_700_000_000_000
const alice: Caller = { userId: 'usr_alice', groups: [{ name: 'staff', issuer: null }] }
/** In a group of the same name that an issuer says. */
const carol: Caller = { userId: 'usr_carol', groups: [{ name: 'staff', issuer: 'https://issuer.example/' }] }
const bob: Caller = { userId: 'usr_bob', groups: [] }
const guest: Caller = { guest: true }
const all = actionSet(ACTIONS)

const permission = (given: Partial<Permission>): Permission => ({
  id: 'prm_1',
  principal: { kind: 'everyone' },
  store: DEFAULT_STORE,
  bucket: 'b',
  prefix: '',
  actions: all,
  ...given,
})

const allowed = (
  rows: Permission[],
  caller: Caller,
  key: string,
  action: (typeof ACTIONS)[number] = 'read',
  bucket = 'b',
  store = DEFAULT_STORE,
) => decide(permissionSet(rows, caller), { action, store, bucket, key }, NOW).outcome === 'allow'

test('a prefix ends at a folder boundary', () => {
  const rows = [permission({ prefix: 'folder-b/' })]
  assert.ok(allowed(rows, alice, 'folder-b/x'))
  assert.ok(allowed(rows, alice, 'folder-b/x/y'))
  assert.ok(allowed(rows, alice, 'folder-b/'))
  for (const key of ['folder-b', 'folder-b2/x', 'folder-a/x', 'x/folder-b/x', '/folder-b/x', '']) {
    assert.ok(!allowed(rows, alice, key), key)
  }
})

test('each action needs its own bit', () => {
  for (const granted of ACTIONS) {
    for (const asked of ACTIONS) {
      const rows = [permission({ actions: actionSet([granted]) })]
      assert.equal(allowed(rows, alice, 'k', asked), granted === asked, `${granted} ${asked}`)
    }
  }
})

test('another bucket is another place', () => {
  assert.ok(!allowed([permission({})], alice, 'k', 'read', 'b2'))
})

test('a bucket of the same name in another store is another place', () => {
  const rows = [permission({ store: 'other' })]
  assert.ok(!allowed(rows, alice, 'k'))
  assert.ok(allowed(rows, alice, 'k', 'read', 'b', 'other'))
})

test('a permission is for its principal alone', () => {
  const cases: [Permission['principal'], Caller[], Caller[]][] = [
    [{ kind: 'user', userId: 'usr_alice' }, [alice], [bob, guest]],
    [{ kind: 'group', group: 'staff', issuer: null }, [alice], [bob, carol, guest]],
    [{ kind: 'group', group: 'staff', issuer: 'https://issuer.example/' }, [carol], [alice, bob, guest]],
    [{ kind: 'group', group: 'staff', issuer: 'https://issuer.example' }, [], [alice, bob, carol, guest]],
    [{ kind: 'everyone' }, [alice, bob], [guest]],
    [{ kind: 'guest' }, [guest], [alice, bob]],
  ]
  for (const [principal, may, mayNot] of cases) {
    for (const caller of may) assert.ok(allowed([permission({ principal })], caller, 'k'))
    for (const caller of mayNot) assert.ok(!allowed([permission({ principal })], caller, 'k'))
  }
})

test('${user.id} is the caller and nobody else, and nothing for a guest', () => {
  const rows = [permission({ prefix: 'private/${user.id}/' })]
  assert.ok(allowed(rows, alice, 'private/usr_alice/x'))
  assert.ok(!allowed(rows, alice, 'private/usr_bob/x'))
  assert.ok(!allowed(rows, alice, 'private/${user.id}/x'))
  const forGuests = [permission({ principal: { kind: 'guest' }, prefix: 'private/${user.id}/' })]
  for (const key of ['private//x', 'private/undefined/x', 'private/${user.id}/x'])
    assert.ok(!allowed(forGuests, guest, key))
})

test('an empty id, an unknown variable or a damaged prefix grants nothing', () => {
  const nobody: Caller = { userId: '' as 'usr_', groups: [] }
  assert.ok(!allowed([permission({ prefix: 'private/${user.id}/' })], nobody, 'private//x'))
  assert.ok(!allowed([permission({ prefix: '${user.email}/' })], alice, '${user.email}/x'))
  for (const prefix of ['a', 'a//', '/']) assert.ok(!allowed([permission({ prefix })], alice, `${prefix}x`), prefix)
})

test('a permission holds until its time, and the longest one decides when access ends', () => {
  const set = (...ends: (number | undefined)[]) =>
    permissionSet(
      ends.map((expiresAt, i) => permission({ id: `prm_${i}`, expiresAt })),
      alice,
    )
  const operation = { action: 'read', store: DEFAULT_STORE, bucket: 'b', key: 'k' } as const
  assert.deepEqual(decide(set(NOW), operation, NOW), { outcome: 'deny', reason: 'expired' })
  assert.deepEqual(decide(set(NOW + 1), operation, NOW), {
    outcome: 'allow',
    permissionId: 'prm_0',
    expiresAt: NOW + 1,
  })
  assert.deepEqual(decide(set(NOW - 1, NOW + 9, NOW + 5), operation, NOW), {
    outcome: 'allow',
    permissionId: 'prm_1',
    expiresAt: NOW + 9,
  })
  assert.deepEqual(decide(set(NOW + 9, undefined), operation, NOW), {
    outcome: 'allow',
    permissionId: 'prm_1',
    expiresAt: Number.POSITIVE_INFINITY,
  })
})

test('decide agrees with the plain reading of the rules', () => {
  const segment = fc.constantFrom('a', 'b', 'a2', 'usr_alice', 'usr_bob', '')
  const prefix = fc.oneof(
    fc
      .array(fc.constantFrom('a', 'b', 'a2', '${user.id}'), { maxLength: 3 })
      .map((parts) => parts.map((part) => `${part}/`).join('')),
    fc.constant(''),
  )
  const principal = fc.constantFrom<Permission['principal']>(
    { kind: 'everyone' },
    { kind: 'guest' },
    { kind: 'group', group: 'staff', issuer: null },
    { kind: 'group', group: 'staff', issuer: 'https://issuer.example/' },
    { kind: 'user', userId: 'usr_alice' },
    { kind: 'user', userId: 'usr_bob' },
  )
  const row = fc.record({
    id: fc.constantFrom('prm_1', 'prm_2'),
    principal,
    store: fc.constantFrom(DEFAULT_STORE, 'other'),
    bucket: fc.constantFrom('b', 'b2'),
    prefix,
    actions: fc.integer({ min: 1, max: 15 }),
    expiresAt: fc.constantFrom(undefined, NOW - 1, NOW, NOW + 1),
  })
  const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const property = fc.property(
    fc.array(row, { maxLength: 12 }),
    fc.constantFrom(alice, bob, carol, guest),
    key,
    fc.constantFrom(...ACTIONS),
    (rows, caller, asked, action) => {
      const expected = rows.some((each) => {
        const own = 'guest' in caller ? undefined : caller.userId
        const { principal: who } = each
        const isFor =
          who.kind === 'guest'
            ? own === undefined
            : own !== undefined &&
              (who.kind === 'everyone' ||
                (who.kind === 'user' && who.userId === own) ||
                (who.kind === 'group' &&
                  !('guest' in caller) &&
                  caller.groups.some((each) => each.name === who.group && each.issuer === who.issuer)))
        if (!isFor || each.store !== DEFAULT_STORE || each.bucket !== 'b') return false
        if (each.expiresAt !== undefined && each.expiresAt <= NOW) return false
        if (each.prefix.includes('${') && own === undefined) return false
        return (
          asked.startsWith(each.prefix.replaceAll('${user.id}', own ?? '')) &&
          (each.actions & actionSet([action])) !== 0
        )
      })
      assert.equal(allowed(rows, caller, asked, action), expected)
    },
  )
  fc.assert(property, { numRuns: 3000 })
})
