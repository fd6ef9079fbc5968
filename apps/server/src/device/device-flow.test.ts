import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserId } from '@skycrate/core/naming/id'
import { decodeJwt } from 'jose'
import {
  fromAddress,
  HOME,
  ISSUER,
  outcomeOf,
  tally,
  type TestAccounts,
  testAccounts,
} from '../accounts/test-accounts.ts'
import { newUserCode, parseUserCode, showUserCode } from './device-codes.ts'
import type { Decider } from './device-flow.ts'

const TV = { ...fromAddress('203.0.113.7'), userAgent: 'tv/1' }
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

const deciderOf = ({ userId }: TestAccounts): Decider => ({ userId, amr: ['pwd'], issuer: ISSUER, personal: true })
const ask = ({ accounts }: TestAccounts, device_code: string, grant_type = GRANT) =>
  accounts.device.token({ grant_type, device_code }, TV)
/** As if the program had waited. */
const waited = ({ database }: TestAccounts) =>
  database.query(`update device_requests set asked_at = asked_at - interval '1 hour'`)

test('a program gets a session once somebody has allowed it, once, and it is one of that person', async () => {
  await using system = await testAccounts()
  const { device } = system.accounts
  const started = await device.start('tv', TV)
  assert.match(started.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
  assert.equal(started.verification_uri_complete, `${ISSUER}/device?code=${started.user_code}`)
  assert.equal(await outcomeOf(ask(system, started.device_code)), 'authorization-pending')
  const waiting = await device.find(started.user_code, deciderOf(system))
  assert.deepEqual([waiting.client, waiting.network, waiting.userAgent], ['tv', '203.0.113.7', 'tv/1'])
  await device.decide(started.user_code.toLowerCase().replace('-', ' '), true, deciderOf(system), HOME)
  await waited(system)
  const tokens = await ask(system, started.device_code)
  assert.equal(await system.alive(tokens.access_token), 'accepted')
  assert.equal(decodeJwt(tokens.access_token).sub, system.userId)
  const { sessions } = await system.accounts.sessions.list({ userId: system.userId, sessionId: null })
  assert.deepEqual(
    sessions.map(({ network, userAgent }) => [network, userAgent]),
    [['203.0.113.7', 'tv/1']],
  )
  assert.equal(await outcomeOf(system.accounts.refresh(tokens.refresh_token, TV)), 'ok')
  assert.equal(await outcomeOf(ask(system, started.device_code)), 'invalid-grant')
  assert.deepEqual((await system.events()).slice(0, 2), ['auth.allow-device allow', 'auth.login allow session'])
})

test('its session lasts as long as the operator says', async () => {
  await using system = await testAccounts()
  const { device, sessions } = await system.open({
    lifetimes: { accessSeconds: 1800, idSeconds: 3600, sessionDays: 3 },
  })
  const { user_code, device_code } = await device.start('tv', TV)
  await device.decide(user_code, true, deciderOf(system), HOME)
  await device.token({ grant_type: GRANT, device_code }, TV)
  const [session] = (await sessions.list({ userId: system.userId, sessionId: null })).sessions
  assert.equal(Math.round((Date.parse(session!.expiresAt) - Date.parse(session!.createdAt)) / 86_400_000), 3)
})

test('of many questions at once after the decision, one gets the session', async () => {
  await using system = await testAccounts()
  const { user_code, device_code } = await system.accounts.device.start('tv', TV)
  await system.accounts.device.decide(user_code, true, deciderOf(system), HOME)
  const counts = await tally(Array.from({ length: 10 }, () => ask(system, device_code)))
  assert.equal(counts['ok'], 1, JSON.stringify(counts))
})

test('whoever asks too often has to wait longer each time', async () => {
  await using system = await testAccounts()
  const { device_code } = await system.accounts.device.start('tv', TV)
  const outcomes = []
  for (let i = 0; i < 3; i++) outcomes.push(await outcomeOf(ask(system, device_code)))
  assert.deepEqual(outcomes, ['authorization-pending', 'slow-down', 'slow-down'])
  const [row] = await system.database.query('select wait_seconds from device_requests')
  assert.deepEqual(row, { wait_seconds: 15 })
  await system.database.query(`update device_requests set asked_at = now() - interval '14 seconds'`)
  assert.equal(await outcomeOf(ask(system, device_code)), 'slow-down')
  await system.database.query(`update device_requests set asked_at = now() - interval '21 seconds'`)
  assert.equal(await outcomeOf(ask(system, device_code)), 'authorization-pending')
})

test('a refusal is told once; nobody decides twice, or after the end', async () => {
  await using system = await testAccounts()
  const { device } = system.accounts
  const refused = await device.start('tv', TV)
  await device.decide(refused.user_code, false, deciderOf(system), HOME)
  assert.equal(await outcomeOf(device.decide(refused.user_code, true, deciderOf(system), HOME)), 'not-found')
  assert.equal(await outcomeOf(ask(system, refused.device_code)), 'access-denied')
  assert.equal(await outcomeOf(ask(system, refused.device_code)), 'invalid-grant')
  const late = await device.start('tv', TV)
  await system.database.query(`update device_requests set expires_at = now() - interval '1 second'`)
  assert.equal(await outcomeOf(device.find(late.user_code, deciderOf(system))), 'not-found')
  assert.equal(await outcomeOf(device.decide(late.user_code, true, deciderOf(system), HOME)), 'not-found')
  assert.equal(await outcomeOf(ask(system, late.device_code)), 'device-code-expired')
  await system.database.query(`update device_requests set expires_at = now() - interval '2 hours'`)
  await device.prune()
  assert.equal(await outcomeOf(ask(system, late.device_code)), 'invalid-grant')
})

test('guessing codes ends after ten tries of a person, however many at once, and right ones do not count', async () => {
  await using system = await testAccounts()
  const { device } = system.accounts
  const { user_code } = await device.start('tv', TV)
  for (let i = 0; i < 12; i++) await device.find(user_code, deciderOf(system))
  const counts = await tally(Array.from({ length: 30 }, () => device.find(newUserCode(), deciderOf(system))))
  assert.deepEqual(counts, { 'not-found': 10, 'too-many-requests': 20 })
  assert.equal(await outcomeOf(device.decide(user_code, true, deciderOf(system), HOME)), 'too-many-requests')
  const other: Decider = { ...deciderOf(system), userId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8' as UserId }
  assert.equal(await outcomeOf(device.find(user_code, other)), 'ok')
})

test('a person who is suspended after allowing signs nothing in', async () => {
  await using system = await testAccounts()
  const { user_code, device_code } = await system.accounts.device.start('tv', TV)
  await system.accounts.device.decide(user_code, true, deciderOf(system), HOME)
  await system.database.query(`update users set state = 'suspended'`)
  assert.equal(await outcomeOf(ask(system, device_code)), 'account-suspended')
})

test('requests of a network are limited, and a decision that cannot be recorded has not been made', async () => {
  await using system = await testAccounts()
  const { device } = system.accounts
  const counts = await tally(Array.from({ length: 40 }, () => device.start('tv', TV)))
  assert.deepEqual(counts, { ok: 30, 'too-many-requests': 10 })
  const { user_code, device_code } = await device.start('tv', HOME)
  system.beforeRecord = () => Promise.reject(new Error('disk full'))
  await assert.rejects(device.decide(user_code, true, deciderOf(system), HOME))
  assert.equal(await outcomeOf(ask(system, device_code)), 'authorization-pending')
})

test('another grant type, junk and codes that nobody was given are refused', async () => {
  await using system = await testAccounts()
  const { device_code } = await system.accounts.device.start('tv', TV)
  assert.equal(await outcomeOf(ask(system, device_code, 'authorization_code')), 'unsupported-grant-type')
  for (const code of ['junk', '', `skyd_${'a'.repeat(43)}`, device_code.replace('skyd_', 'skyp_')]) {
    assert.equal(await outcomeOf(ask(system, code)), 'invalid-grant', code)
  }
})

test('what the database holds signs no program in', async () => {
  await using system = await testAccounts()
  const { device_code } = await system.accounts.device.start('tv', TV)
  const [row] = await system.database.query<{ text: string; hash: Buffer }>(
    'select device_requests::text as text, device_hash as hash from device_requests',
  )
  assert.equal(row!.text.includes(device_code.slice(5)), false)
  assert.equal(await outcomeOf(ask(system, `skyd_${row!.hash.toString('base64url')}`)), 'invalid-grant')
})

for (const [text, code] of [
  ['BDWP-HQPK', 'BDWPHQPK'],
  [' bdwp hqpk ', 'BDWPHQPK'],
  ['bdwphqpk', 'BDWPHQPK'],
  ['BDWP–HQPK', 'BDWPHQPK'],
  ['BDWP-HQP', undefined],
  ['BDWP-HQPA', undefined],
  ['BDWP-HQPKK', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(text)} is ${code ?? 'no code'}`, () => assert.equal(parseUserCode(text), code))
}

test('a new code is one, also as it is shown', () => {
  const code = newUserCode()
  assert.equal(parseUserCode(showUserCode(code)), code)
})
