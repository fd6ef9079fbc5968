import assert from 'node:assert/strict'
import { test } from 'node:test'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { AppError } from '../errors/app-error.ts'
import { createHeldCredentials, type Wanted } from './held-credentials.ts'

const caller = { userId: 'usr_alice', groups: [] } as const
const HOUR = 3_600_000

/** A clock that stands, and an issuer that counts. */
function issuing() {
  const at = { now: Date.parse('2026-11-21T12:00:00Z'), issued: 0, isDown: false }
  const held = createHeldCredentials({
    now: () => at.now,
    issuerOf: () => ({
      escapes: true,
      placeOf: () => ({ endpoint: 'https://s3.example.com', region: 'us-east-1' }),
      async issue({ durationSeconds }) {
        if (at.isDown) throw new AppError('store-unavailable')
        return {
          accessKeyId: `key-${++at.issued}`,
          secretAccessKey: 's',
          sessionToken: 't',
          expiresAt: at.now + durationSeconds * 1000,
        }
      },
    }),
  })
  const set = permissionSet([], caller)
  const keyOf = async (wish: Partial<Wanted> = {}, of = set): Promise<string> => {
    const wanted: Wanted = {
      store: DEFAULT_STORE,
      policy: 'p',
      seconds: 3600,
      least: 0,
      requestId: 'req_1',
      use: 'store',
      ...wish,
    }
    return (await held.issue(of, wanted)).accessKeyId
  }
  return { at, keyOf }
}

test('credentials are given out again while more than half of their lifetime is left', async () => {
  const { at, keyOf } = issuing()
  assert.equal(await keyOf(), 'key-1')
  at.now += HOUR / 2 - 1
  assert.equal(await keyOf(), 'key-1')
  at.now += 1
  assert.equal(await keyOf(), 'key-2')
  at.now += 1
  assert.equal(await keyOf({ least: 3600 }), 'key-3', 'more is needed than they have left')
})

test('another set of permissions, place, lifetime or use gets others', async () => {
  const { keyOf } = issuing()
  const session = { signsIn: 'ses_1' } as const
  const keys = [
    await keyOf(),
    await keyOf({}, permissionSet([], caller)),
    await keyOf({ policy: 'q' }),
    await keyOf({ seconds: 900 }),
    await keyOf({ use: session }),
    await keyOf({ use: { signsIn: 'ses_2' } }),
  ]
  assert.equal(new Set(keys).size, keys.length)
  assert.deepEqual([await keyOf(), await keyOf({ use: session })], [keys[0], keys[4]])
})

test('a hundred at once get the same; a failure is not kept, and what could not be noted is not given out', async () => {
  const { at, keyOf } = issuing()
  const all = await Promise.all(Array.from({ length: 100 }, () => keyOf()))
  assert.deepEqual(new Set(all), new Set(['key-1']))
  at.now += HOUR
  const later = await Promise.all(Array.from({ length: 100 }, () => keyOf()))
  assert.deepEqual(new Set(later), new Set(['key-2']))
  at.isDown = true
  await assert.rejects(keyOf({ policy: 'q' }), { code: 'store-unavailable' })
  at.isDown = false
  const onIssued = (): Promise<never> => Promise.reject(new AppError('database-unavailable'))
  await assert.rejects(keyOf({ policy: 'q', onIssued }), { code: 'database-unavailable' })
  assert.equal(await keyOf({ policy: 'q' }), `key-${at.issued}`)
})

test('what is held has a limit, whatever is asked for', async () => {
  const { at, keyOf } = issuing()
  const first = await keyOf({ policy: '0' })
  for (let i = 1; i <= 40; i++) await keyOf({ policy: String(i) })
  assert.equal(at.issued, 41)
  assert.equal(await keyOf({ policy: '40' }), 'key-41')
  assert.notEqual(await keyOf({ policy: '0' }), first)
})
