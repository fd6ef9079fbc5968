import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import { fromAddress, HOME, outcomeOf, tally, type TestAccounts, testAccounts } from '../accounts/test-accounts.ts'
import { presentedCredentials } from './presented-credentials.ts'

const ROBOT = fromAddress('203.0.113.7')

async function newClient(system: TestAccounts) {
  const by = { userId: system.userId, origin: HOME }
  const { id, secret, secrets } = await system.accounts.clients.create('Importer', by)
  return { id, secret, secretId: secrets[0]!.id, by }
}

test('a machine gets tokens by its secret, is no person, and everything is in the log', async () => {
  await using system = await testAccounts()
  const { clients, verifier } = system.accounts
  const { id, secret } = await newClient(system)
  const { access_token: token } = await clients.token({ clientId: id, secret }, ROBOT)
  assert.equal(decodeJwt(token).sub, id)
  const verdict = await verifier.verify(token)
  assert.ok(verdict.outcome === 'accepted')
  assert.deepEqual([verdict.userId, verdict.sessionId], [id, null])
  assert.deepEqual(await system.events(), ['client.create allow', 'auth.login allow'])
  const { clients: all } = await clients.list()
  assert.equal(all.length, 1)
  assert.notEqual(all[0]!.secrets[0]!.lastUsedAt, null)
  assert.equal(JSON.stringify(all).includes(secret), false)
})

test('a deleted secret ends the tokens that were got with it, and those of the other secret go on', async () => {
  await using system = await testAccounts()
  const { clients } = system.accounts
  const { id, secret, secretId, by } = await newClient(system)
  const other = await clients.createSecret(id, by)
  assert.equal(await outcomeOf(clients.createSecret(id, by)), 'conflict')
  const tokens = await Promise.all(
    [secret, other.secret].map((each) => clients.token({ clientId: id, secret: each }, ROBOT)),
  )
  await clients.deleteSecret(id, secretId, by)
  assert.deepEqual(await Promise.all(tokens.map((each) => system.alive(each.access_token))), [
    'session-ended',
    'accepted',
  ])
  assert.equal(await outcomeOf(clients.token({ clientId: id, secret }, ROBOT)), 'invalid-client')
  assert.equal(await outcomeOf(clients.deleteSecret(id, secretId, by)), 'not-found')
})

test('wrong, foreign and malformed secrets are refused alike, recorded, and limited; a suspended machine gets nothing', async () => {
  await using system = await testAccounts()
  const { clients } = system.accounts
  const one = await newClient(system)
  const two = await newClient(system)
  for (const given of [
    undefined,
    { clientId: one.id, secret: 'x' },
    { clientId: one.id, secret: two.secret },
    { clientId: system.userId, secret: one.secret },
    { clientId: 'x', secret: one.secret },
  ]) {
    assert.equal(await outcomeOf(clients.token(given, ROBOT)), 'invalid-client')
  }
  assert.equal((await system.events()).filter((event) => event.startsWith('auth.login deny')).length, 5)
  await system.database.query(`update users set state = 'suspended' where id = $1`, [one.id])
  assert.equal(await outcomeOf(clients.token({ clientId: one.id, secret: one.secret }, ROBOT)), 'account-suspended')
  const counts = await tally(Array.from({ length: 120 }, () => clients.token(undefined, fromAddress('198.51.100.1'))))
  assert.deepEqual(counts, { 'invalid-client': 100, 'too-many-requests': 20 })
  assert.equal(
    await outcomeOf(clients.token({ clientId: two.id, secret: two.secret }, fromAddress('198.51.100.1'))),
    'ok',
  )
})

test('a person is no machine: no secret for them, and the id of a session is none', async () => {
  await using system = await testAccounts()
  const by = { userId: system.userId, origin: HOME }
  assert.equal(await outcomeOf(system.accounts.clients.createSecret(system.userId, by)), 'not-found')
})

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const CASES = [
  ['in the header', basic('usr_1:skyc_a'), {}, { clientId: 'usr_1', secret: 'skyc_a' }],
  ['in the header, form-encoded', basic('usr%5F1:a%2Bb+c'), {}, { clientId: 'usr_1', secret: 'a+b c' }],
  [
    'in the header and its id in the body',
    basic('usr_1:a'),
    { client_id: 'usr_1' },
    { clientId: 'usr_1', secret: 'a' },
  ],
  ['in the body', undefined, { client_id: 'usr_1', client_secret: 'a' }, { clientId: 'usr_1', secret: 'a' }],
  ['in both', basic('usr_1:a'), { client_id: 'usr_1', client_secret: 'a' }, undefined],
  ['with two ids', basic('usr_1:a'), { client_id: 'usr_2' }, undefined],
  ['without a secret', undefined, { client_id: 'usr_1' }, undefined],
  ['as a bearer token', 'Bearer x', {}, undefined],
  [
    'in the body beside a bearer token',
    'Bearer x',
    { client_id: 'usr_1', client_secret: 'a' },
    { clientId: 'usr_1', secret: 'a' },
  ],
  ['without a colon', basic('usr_1'), {}, undefined],
] as const
for (const [how, header, body, expected] of CASES) {
  test(`credentials ${how} are ${expected ? 'read' : 'none'}`, () => {
    assert.deepEqual(presentedCredentials(header, body), expected)
  })
}
