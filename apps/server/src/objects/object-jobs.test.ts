import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '@skycrate/core/access/decide'
import { ACTIONS, actionSet } from '@skycrate/core/access/operation'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { type Person, personOf } from './object-jobs.ts'

const permission = {
  id: 'prm_1',
  principal: { kind: 'everyone' },
  store: 'default',
  bucket: 'b',
  prefix: '',
  actions: actionSet(ACTIONS),
} as const

test('a job may do no more than the token that asked for it: what narrows a caller goes through JSON with them', () => {
  const places = [{ store: 'default', bucket: 'b', prefix: 'x/', actions: actionSet(['read']) }]
  const scope = { places, expiresAt: 1_000_000 }
  const token = { userId: 'usr_ada', groups: [], verifiedEmail: 'ada@example.com', scope } satisfies Person
  const kept = JSON.parse(JSON.stringify(personOf({ ...token, isAdmin: true } as Person))) as Person
  assert.deepEqual(kept, token)
  const outcomes = (who: Person): string[] =>
    (['read', 'write'] as const).flatMap((action) =>
      ['x/1', 'y/1'].map(
        (key) => decide(permissionSet([permission], who), { action, store: 'default', bucket: 'b', key }, 0).outcome,
      ),
    )
  assert.deepEqual(outcomes(kept), ['allow', 'deny', 'deny', 'deny'])
})
