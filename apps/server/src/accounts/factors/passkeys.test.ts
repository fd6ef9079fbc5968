import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChallengeAnswer, PasskeyCreation } from '@skycrate/contract/factors/schemas'
import { EMAIL, HOME, ISSUER, outcomeOf, PASSWORD, tally, type TestAccounts, testAccounts } from '../test-accounts.ts'
import type { Owner } from './factor-context.ts'
import { type Lie, testAuthenticator, type TestAuthenticator } from './test-authenticator.ts'
import { amrOf, challenged, challengeOf, insertOther, ownerOf } from './test-factors.ts'

type Answer = NonNullable<ChallengeAnswer['passkey']>

async function create(system: TestAccounts, owner: Owner, name = 'Laptop', lie: Lie = {}) {
  const authenticator = testAuthenticator(ISSUER)
  const { challenge_token, options } = await system.accounts.factors.startPasskey(owner)
  const passkey = authenticator.create(options, lie) as PasskeyCreation['passkey']
  await system.accounts.factors.createPasskey(owner, { challenge_token, name, passkey })
  return authenticator
}

async function answerWith(system: TestAccounts, authenticator: TestAuthenticator, lie: Lie = {}): Promise<string> {
  const { challenge_token, passkey } = await system.accounts.factors.passkeyChallenge()
  const answer = { challenge_token, passkey: authenticator.get(passkey!, lie) as Answer }
  return outcomeOf(system.accounts.factors.answer(answer, HOME))
}

test('a passkey signs in alone, as two factors, and is listed with its last use', async () => {
  await using system = await testAccounts()
  const owner = await ownerOf(system)
  const authenticator = await create(system, owner)
  const { challenge_token, passkey } = await system.accounts.factors.passkeyChallenge()
  assert.deepEqual((passkey as { userVerification: string }).userVerification, 'required')
  const answer = { challenge_token, passkey: authenticator.get(passkey!) as Answer }
  const tokens = await system.accounts.factors.answer(answer, HOME)
  const { sessionId, userId } = await ownerOf(system, tokens.access_token)
  assert.equal(userId, system.userId)
  assert.deepEqual(await amrOf(system, sessionId!), ['hwk', 'mfa', 'user'])
  const { passkeys } = await system.accounts.factors.list(owner)
  assert.deepEqual(
    passkeys.map(({ name, lastUsedAt }) => [name, lastUsedAt !== null]),
    [['Laptop', true]],
  )
})

test('as a second factor it is asked for after the password, and need not verify its user', async () => {
  await using system = await testAccounts()
  const authenticator = await create(system, await ownerOf(system))
  const challenge = await challenged(system)
  assert.deepEqual([challenge.challenge, challenge.methods], ['passkey', ['passkey']])
  const passkey = authenticator.get(challenge.passkey!, { verified: false }) as Answer
  const tokens = await system.accounts.factors.answer({ challenge_token: challenge.challenge_token, passkey }, HOME)
  const { sessionId } = await ownerOf(system, tokens.access_token)
  assert.deepEqual(await amrOf(system, sessionId!), ['hwk', 'mfa', 'pwd'])
})

for (const [what, lie] of [
  ['from another origin', { origin: 'https://evil.example' }],
  ['from another port of the host', { origin: 'http://localhost:9999' }],
  ['for another host', { rpId: 'evil.example' }],
  ['to another challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
  ['without its user being verified', { verified: false }],
  ['of an unknown credential', { id: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ["with another user's handle", { userHandle: 'dXNyX290aGVy' }],
] satisfies [string, Lie][]) {
  test(`an answer ${what} is refused`, async () => {
    await using system = await testAccounts()
    const authenticator = await create(system, await ownerOf(system))
    assert.equal(await answerWith(system, authenticator, lie), 'invalid-code')
    assert.ok((await system.events()).includes('auth.login deny wrong-passkey'))
    assert.equal(await answerWith(system, authenticator), 'ok')
  })
}

for (const [what, lie] of [
  ['from another origin', { origin: 'https://evil.example' }],
  ['for another host', { rpId: 'evil.example' }],
  ['to another challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
] satisfies [string, Lie][]) {
  test(`a passkey is not created by an answer ${what}`, async () => {
    await using system = await testAccounts()
    const owner = await ownerOf(system)
    assert.equal(await outcomeOf(create(system, owner, 'Laptop', lie)), 'invalid-request')
    assert.deepEqual((await system.accounts.factors.list(owner)).passkeys, [])
  })
}

test('an answer works once, also when it comes many times at once', async () => {
  await using system = await testAccounts()
  const authenticator = await create(system, await ownerOf(system))
  const other = await system.open()
  const { challenge_token, passkey } = await system.accounts.factors.passkeyChallenge()
  const answer = { challenge_token, passkey: authenticator.get(passkey!) as Answer }
  const outcomes = await tally(
    Array.from({ length: 4 }, (_, i) => (i % 2 ? other : system.accounts).factors.answer(answer, HOME)),
  )
  assert.equal(outcomes['ok'], 1)
  assert.notEqual(await outcomeOf(system.accounts.factors.answer(answer, HOME)), 'ok')
})

test('a counter that goes back betrays a copied authenticator', async () => {
  await using system = await testAccounts()
  const authenticator = await create(system, await ownerOf(system))
  assert.equal(await answerWith(system, authenticator, { counter: 9 }), 'ok')
  assert.equal(await answerWith(system, authenticator, { counter: 9 }), 'invalid-code')
  assert.equal(await answerWith(system, authenticator, { counter: 3 }), 'invalid-code')
  assert.equal(await answerWith(system, authenticator, { counter: 10 }), 'ok')
})

test("one user's passkey answers no other user's challenge, and nobody renames or deletes another's", async () => {
  await using system = await testAccounts()
  const mine = await create(system, await ownerOf(system))
  await insertOther(system, 'other@example.org')
  const { access_token } = await system.accounts.login('other@example.org', PASSWORD, HOME)
  const other = await ownerOf(system, access_token)
  await create(system, other)
  const { challenge_token, passkey } = challengeOf(await system.accounts.signIn('other@example.org', PASSWORD, HOME))
  const answer = { challenge_token, passkey: mine.get(passkey!) as Answer }
  assert.equal(await outcomeOf(system.accounts.factors.answer(answer, HOME)), 'invalid-code')
  const { factors } = system.accounts
  assert.equal(await outcomeOf(factors.renamePasskey(other, mine.id, 'Mine')), 'not-found')
  assert.equal(await outcomeOf(factors.deletePasskey(other, mine.id)), 'not-found')
  assert.equal((await factors.list(await ownerOf(system, access_token))).passkeys.length, 1)
})

test('what begins the creation of one user finishes that of no other, and not twice', async () => {
  await using system = await testAccounts()
  const owner = await ownerOf(system)
  const userId = await insertOther(system, 'other@example.org')
  const { factors } = system.accounts
  const authenticator = testAuthenticator(ISSUER)
  const { challenge_token, options } = await factors.startPasskey(owner)
  const creation = { challenge_token, passkey: authenticator.create(options) as PasskeyCreation['passkey'] }
  assert.equal(await outcomeOf(factors.createPasskey({ ...owner, userId }, creation)), 'conflict')
  assert.equal((await factors.createPasskey(owner, creation)).name, 'Passkey')
  assert.equal(await outcomeOf(factors.createPasskey(owner, creation)), 'conflict')
  const { challenge_token: signIn } = await challenged(system)
  assert.equal(await outcomeOf(factors.createPasskey(owner, { ...creation, challenge_token: signIn })), 'conflict')
})

test('rubbish for an answer is refused', async () => {
  await using system = await testAccounts()
  const authenticator = await create(system, await ownerOf(system))
  for (const response of [
    { clientDataJSON: '' },
    { clientDataJSON: 'bm9uZQ', authenticatorData: 7, signature: null },
    { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA', userHandle: '\0' },
  ]) {
    const { challenge_token } = await system.accounts.factors.passkeyChallenge()
    const passkey = { id: authenticator.id, rawId: authenticator.id, type: 'public-key', response } as unknown as Answer
    assert.equal(await outcomeOf(system.accounts.factors.answer({ challenge_token, passkey }, HOME)), 'invalid-code')
  }
})

test('a suspended user does not come in by a passkey', async () => {
  await using system = await testAccounts()
  const authenticator = await create(system, await ownerOf(system))
  await system.database.query(`update users set state = 'suspended'`)
  assert.equal(await answerWith(system, authenticator), 'account-suspended')
})

test('a deleted passkey signs nobody in, and the account is asked for no factor', async () => {
  await using system = await testAccounts()
  const owner = await ownerOf(system)
  const authenticator = await create(system, owner)
  await system.accounts.factors.deletePasskey(owner, authenticator.id)
  assert.equal(await answerWith(system, authenticator), 'invalid-code')
  await system.accounts.login(EMAIL, PASSWORD, HOME)
})
