import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decide } from './decide.ts'
import { type Change, differenceOf } from './difference.ts'
import { holdersOf, isHolder } from './holders.ts'
import { locationsOf } from './locations.ts'
import { ACTION_BIT, ACTIONS, actionSet } from './operation.ts'
import type { Caller, Permission } from './permission.ts'
import { permissionSet } from './permission-set.ts'

// Questions about permissions are answered by reading the rows; `decide` is asked for each key beside them.

const NOW = 1_700_000_000_000
const TIMES = [NOW, NOW + 1, NOW + 2, NOW + 3, NOW + 1_000_000]
const all = actionSet(ACTIONS)
const callers: Caller[] = [
  { userId: 'usr_alice', groups: [{ name: 'staff', issuer: null }], verifiedEmail: 'a@b' },
  {
    userId: 'usr_bob',
    groups: [
      { name: 'staff', issuer: 'https://issuer.example/' },
      { name: 'team', issuer: null },
    ],
    verifiedEmail: 'usr_alice@b',
  },
  { userId: 'usr_carol', groups: [] },
  { guest: true },
]

const row = (given: Partial<Permission>): Permission => ({
  id: 'prm_1',
  principal: { kind: 'everyone' },
  store: 'default',
  bucket: 'b',
  prefix: '',
  actions: all,
  ...given,
})

const names = ['a', 'a2', 'b', 'usr_alice', 'a@b', 'usr_alice@b']
const prefix = fc
  .array(fc.constantFrom(...names, '${user.id}', '${user.email}', '${user.id}@b'), { maxLength: 3 })
  .map((parts) => parts.map((part) => `${part}/`).join(''))
const rows = fc.array(
  fc.record({
    id: fc.constantFrom('prm_1', 'prm_2', 'prm_3'),
    principal: fc.constantFrom<Permission['principal']>(
      { kind: 'everyone' },
      { kind: 'guest' },
      { kind: 'group', group: 'staff', issuer: null },
      { kind: 'group', group: 'staff', issuer: 'https://issuer.example/' },
      { kind: 'group', group: 'team', issuer: null },
      { kind: 'user', userId: 'usr_alice' },
      { kind: 'user', userId: 'usr_bob' },
    ),
    store: fc.constantFrom('default', 'default', 'other'),
    bucket: fc.constantFrom('b', 'b', 'b2'),
    prefix,
    actions: fc.integer({ min: 1, max: 15 }),
    expiresAt: fc.constantFrom(undefined, NOW - 1, NOW, NOW + 1, NOW + 2, NOW + 3),
  }),
  { maxLength: 10 },
)
const key = fc.array(fc.constantFrom(...names, ''), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
const keys = fc.array(key, { minLength: 1, maxLength: 8 })
const expand = (text: string): string => text.replaceAll('${user.id}', 'usr_alice').replaceAll('${user.email}', 'a@b')

test('who can do something is exactly everybody for whom decide allows it', () => {
  const seen = { allow: 0, deny: 0 }
  const property = fc.property(rows, keys, (permissions, asked) => {
    for (const name of [...asked, ...permissions.map((each) => expand(each.prefix))]) {
      for (const action of ACTIONS) {
        const operation = { action, store: 'default', bucket: 'b', key: name }
        const holders = holdersOf(permissions, operation, NOW)
        for (const caller of callers) {
          const decision = decide(permissionSet(permissions, caller), operation, NOW)
          seen[decision.outcome]++
          const own = holders.filter((holder) => isHolder(holder, caller))
          assert.equal(own.length > 0, decision.outcome === 'allow', JSON.stringify([name, action, caller]))
          if (decision.outcome === 'deny') continue
          assert.equal(Math.max(...own.map((holder) => holder.expiresAt)), decision.expiresAt)
        }
      }
    }
  })
  fc.assert(property, { numRuns: 1500 })
  assert.ok(seen.allow > 1000 && seen.deny > 1000)
})

const isWithin = (changes: readonly Change[], name: string, bit: number, time: number): boolean =>
  changes.some(
    ({ store, bucket, prefix: start, except, actions, from, until }) =>
      store === 'default' &&
      bucket === 'b' &&
      name.startsWith(start) &&
      !except.some((folder) => name.startsWith(folder)) &&
      (actions & bit) !== 0 &&
      from <= time &&
      time < until,
  )

test('what an edit gives and takes is exactly where decide changes its mind, and until when', () => {
  const seen = { gain: 0, loss: 0, same: 0 }
  const property = fc.property(
    rows,
    rows,
    rows,
    keys,
    fc.constantFrom(...callers),
    (kept, old, given, asked, caller) => {
      const before = permissionSet([...kept, ...old], caller)
      const after = permissionSet([...kept, ...given], caller)
      const { gains, losses } = differenceOf(before, after, NOW)
      for (const name of [...asked, ...[...kept, ...old, ...given].map((each) => expand(each.prefix))]) {
        for (const action of ACTIONS) {
          for (const time of TIMES) {
            const operation = { action, store: 'default', bucket: 'b', key: name }
            const could = decide(before, operation, time).outcome === 'allow'
            const can = decide(after, operation, time).outcome === 'allow'
            seen[could === can ? 'same' : can ? 'gain' : 'loss']++
            const where = JSON.stringify([name, action, time - NOW])
            assert.equal(isWithin(gains, name, ACTION_BIT[action], time), can && !could, `gain ${where}`)
            assert.equal(isWithin(losses, name, ACTION_BIT[action], time), could && !can, `loss ${where}`)
          }
        }
      }
    },
  )
  fc.assert(property, { numRuns: 1000 })
  assert.ok(seen.gain > 1000 && seen.loss > 1000 && seen.same > 1000)
})

test('a change is told once, without what was there before', () => {
  const alice = callers[0]!
  const set = (...given: Partial<Permission>[]) => permissionSet(given.map(row), alice)
  const read = actionSet(['read'])
  const before = set({ prefix: 'a/', actions: read }, { prefix: 'b/', expiresAt: NOW + 5 })
  const { gains, losses } = differenceOf(before, set({ actions: read }, { prefix: 'a/', actions: read }), NOW)
  const place = { store: 'default', bucket: 'b', until: Number.POSITIVE_INFINITY }
  assert.deepEqual(gains, [
    { ...place, prefix: '', except: ['a/', 'b/'], actions: read, from: NOW },
    { ...place, prefix: 'b/', except: [], actions: read, from: NOW + 5 },
  ])
  const rest = actionSet(['write', 'delete', 'list'])
  assert.deepEqual(losses, [{ ...place, prefix: 'b/', except: [], actions: rest, from: NOW, until: NOW + 5 }])
  assert.deepEqual(differenceOf(before, before, NOW), { gains: [], losses: [] })
})

test('locations cover exactly what decide allows, and none of them is needless', () => {
  const property = fc.property(rows, keys, fc.constantFrom(...callers), (permissions, asked, caller) => {
    const set = permissionSet(permissions, caller)
    const locations = locationsOf(set, NOW)
    for (const name of [...asked, ...permissions.map((each) => expand(each.prefix))]) {
      for (const action of ACTIONS) {
        const covering = locations.filter(
          (each) =>
            each.store === 'default' &&
            each.bucket === 'b' &&
            name.startsWith(each.prefix) &&
            (each.actions & ACTION_BIT[action]) !== 0,
        )
        const { outcome } = decide(set, { action, store: 'default', bucket: 'b', key: name }, NOW)
        assert.equal(covering.length, outcome === 'allow' ? 1 : 0, JSON.stringify([name, action]))
      }
    }
  })
  fc.assert(property, { numRuns: 1500 })
})
