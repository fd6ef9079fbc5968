import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_STORE } from '../naming/store.ts'
import { decide } from './decide.ts'
import { accessLevels } from './levels.ts'
import { type Action, ACTIONS } from './operation.ts'
import type { Caller } from './permission.ts'
import { permissionSet } from './permission-set.ts'

const rows = accessLevels(DEFAULT_STORE, 'library').map((row, i) => ({ ...row, id: `prm_${i}` }))
const alice: Caller = { userId: 'usr_alice', groups: [] }
const guest: Caller = { guest: true }

const may = (caller: Caller, key: string): Action[] =>
  ACTIONS.filter(
    (action) =>
      decide(permissionSet(rows, caller), { action, store: DEFAULT_STORE, bucket: 'library', key }, 0).outcome ===
      'allow',
  )

const everything: Action[] = ['read', 'write', 'delete', 'list']
const view: Action[] = ['read', 'list']

const table: [Caller, string, Action[]][] = [
  [guest, 'public/x', view],
  [guest, 'protected/usr_alice/x', view],
  [guest, 'private/usr_alice/x', []],
  [guest, 'private//x', []],
  [guest, 'x', []],
  [alice, 'public/x', everything],
  [alice, 'protected/usr_alice/x', everything],
  [alice, 'protected/usr_bob/x', view],
  [alice, 'private/usr_alice/x', everything],
  [alice, 'private/usr_bob/x', []],
  [alice, 'private/usr_alice2/x', []],
  [alice, 'private/', []],
  [alice, 'x', []],
]

test('the four access levels give what their table says', () => {
  for (const [caller, key, expected] of table) {
    assert.deepEqual(may(caller, key), expected, `${'guest' in caller ? 'guest' : 'alice'} ${key}`)
  }
})
