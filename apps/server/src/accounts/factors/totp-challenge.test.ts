import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChallengeAnswer } from '@skycrate/contract/factors/schemas'
import { AppError } from '../../errors/app-error.ts'
import { EMAIL, fromAddress, HOME, outcomeOf, PASSWORD, tally, testAccounts } from '../test-accounts.ts'
import { amrOf, challenged, challengeOf, codeOf, insertOther, ownerOf, STEP_MS, withTotp } from './test-factors.ts'

test('an authenticator app counts once its first code has come', async () => {
  await using system = await testAccounts()
  const { factors } = system.accounts
  const owner = await ownerOf(system)
  const { secret, uri } = await factors.startTotp(owner)
  assert.match(secret, /^[A-Z2-7]{32}$/)
  assert.equal(new URL(uri).searchParams.get('secret'), secret)
  const wrong = codeOf(secret, system.now() + 10 * STEP_MS)
  assert.equal(await outcomeOf(factors.enrolTotp(owner, wrong)), 'invalid-code')
  await system.accounts.login(EMAIL, PASSWORD, HOME)
  const right = codeOf(secret, system.now())
  await factors.enrolTotp(owner, `${right.slice(0, 3)} ${right.slice(3)}`)
  assert.deepEqual(await amrOf(system, owner.sessionId!), ['mfa', 'otp', 'pwd'])
  const challenge = await challenged(system)
  assert.equal(challenge.challenge, 'totp')
  assert.deepEqual(challenge.methods, ['totp'])
  assert.equal(challenge.expires_in, 300)
  const stored = await system.database.query(`select data::text as text from credentials`)
  assert.ok(!JSON.stringify(stored).includes(secret), 'the secret is sealed')
})

test('each change of a factor is told by mail, without its secret', async () => {
  await using system = await testAccounts()
  await system.database.query(`update accounts set email = 'ada@example.org'`)
  const { secret, owner } = await withTotp(system)
  const { recoveryCodes } = await system.accounts.factors.createRecoveryCodes(owner)
  await system.accounts.factors.deleteTotp(owner)
  const mails = await system.mails()
  assert.deepEqual(mails.map(({ to, text }) => `${to}: ${text.split('.')[0]}`).toSorted(), [
    'ada@example.org: An authenticator app was set up for your account',
    'ada@example.org: New recovery codes were created for your account',
    'ada@example.org: The authenticator app of your account was deleted',
  ])
  for (const { text } of mails) {
    for (const kept of [secret, ...recoveryCodes]) assert.ok(!text.includes(kept))
  }
})

test('the code completes the sign-in, with the event recorded and both methods kept', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const { challenge_token } = await challenged(system)
  const tokens = await system.accounts.factors.answer({ challenge_token, code: codeOf(secret, system.now()) }, HOME)
  const { sessionId } = await ownerOf(system, tokens.access_token)
  assert.deepEqual(await amrOf(system, sessionId!), ['mfa', 'otp', 'pwd'])
  assert.deepEqual((await system.events()).slice(-2), ['auth.challenge allow', 'auth.login allow session'])
})

test('a code of the step before or after is right, and one of any other is not', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const outcomes: string[] = []
  for (const steps of [-2, 2, -1, 0, 1]) {
    const { challenge_token } = await challenged(system)
    const answer = { challenge_token, code: codeOf(secret, system.now() + steps * STEP_MS) }
    outcomes.push(await outcomeOf(system.accounts.factors.answer(answer, HOME)))
  }
  assert.deepEqual(outcomes, ['invalid-code', 'invalid-code', 'ok', 'ok', 'ok'])
})

test('a code works once: not again, not an older one, and not the one that set the app up', async () => {
  await using system = await testAccounts()
  const owner = await ownerOf(system)
  const { factors } = system.accounts
  const { secret } = await factors.startTotp(owner)
  const first = codeOf(secret, system.now())
  await factors.enrolTotp(owner, first)
  const answer = async (code: string): Promise<string> =>
    outcomeOf(factors.answer({ challenge_token: (await challenged(system)).challenge_token, code }, HOME))
  assert.equal(await answer(first), 'invalid-code')
  const next = codeOf(secret, system.now() + STEP_MS)
  assert.equal(await answer(next), 'ok')
  assert.equal(await answer(next), 'invalid-code')
  assert.equal(await answer(first), 'invalid-code')
  assert.ok((await system.events()).includes('auth.login deny replayed-code'))
})

test('of many who use one code at once, through two processes, one gets in', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const other = await system.open()
  const code = codeOf(secret, system.now())
  const tokens = await Promise.all(Array.from({ length: 5 }, () => challenged(system)))
  const tries = tokens.map(({ challenge_token }, i) =>
    (i % 2 ? other : system.accounts).factors.answer({ challenge_token, code }, HOME),
  )
  assert.deepEqual(await tally(tries), { ok: 1, 'invalid-code': 4 })
})

test('five codes may be wrong, from wherever and through whichever process; then even the right one waits', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const other = await system.open()
  const { challenge_token } = await challenged(system)
  const guesses = Array.from({ length: 12 }, (_, i) =>
    (i % 2 ? other : system.accounts).factors.answer(
      { challenge_token, code: `00000${i % 10}` },
      fromAddress(`192.0.2.${i}`),
    ),
  )
  assert.deepEqual(await tally(guesses), { 'invalid-code': 5, 'too-many-requests': 7 })
  const right = () => system.accounts.factors.answer({ challenge_token, code: codeOf(secret, system.now()) }, HOME)
  assert.equal(await outcomeOf(right()), 'too-many-requests')
  system.advance(5 * 60_000)
  const again = await challenged(system)
  const late = { challenge_token: again.challenge_token, code: codeOf(secret, system.now()) }
  assert.equal(await outcomeOf(system.accounts.factors.answer(late, HOME)), 'ok')
  assert.ok((await system.events()).includes('auth.login deny throttled'))
})

test('a challenge is over after five minutes, after its answer, and once the password is another', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const { factors } = system.accounts
  const answer = (challenge_token: string): Promise<string> =>
    outcomeOf(factors.answer({ challenge_token, code: codeOf(secret, system.now()) }, HOME))
  const used = await challenged(system)
  assert.equal(await answer(used.challenge_token), 'ok')
  system.advance(STEP_MS)
  assert.equal(await answer(used.challenge_token), 'invalid-token')
  const late = await challenged(system)
  system.advance(5 * 60_000 + 1)
  assert.equal(await answer(late.challenge_token), 'invalid-token')
  const outdated = await challenged(system)
  await system.database.query(`update credentials set data = '{"hash": "another"}' where kind = 'password'`)
  assert.equal(await answer(outdated.challenge_token), 'invalid-token')
})

test('a made-up, changed or foreign challenge token is none', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const { challenge_token: token } = await challenged(system)
  const at = 20
  const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
  const elsewhere = await system.open({ secret: 'another secret of at least 32 characters' }).catch(() => undefined)
  assert.equal(elsewhere, undefined, 'another secret opens nothing')
  for (const challenge_token of [
    '',
    'skyc_',
    `skyc_${'A'.repeat(300)}`,
    changed,
    token.slice(0, -4),
    'x'.repeat(2000),
  ]) {
    const answer = { challenge_token, code: codeOf(secret, system.now()) }
    assert.equal(await outcomeOf(system.accounts.factors.answer(answer, HOME)), 'invalid-token')
  }
})

test("the code of one user does not answer another user's challenge", async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  await insertOther(system, 'other@example.org')
  const { access_token } = await system.accounts.login('other@example.org', PASSWORD, HOME)
  const owner = await ownerOf(system, access_token)
  const { secret: others } = await system.accounts.factors.startTotp(owner)
  await system.accounts.factors.enrolTotp(owner, codeOf(others, system.now()))
  system.advance(2 * STEP_MS)
  const { challenge_token } = challengeOf(await system.accounts.signIn('other@example.org', PASSWORD, HOME))
  const answer = { challenge_token, code: codeOf(secret, system.now()) }
  assert.equal(await outcomeOf(system.accounts.factors.answer(answer, HOME)), 'invalid-code')
})

test('a reset of the password does not get around the second factor', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const { links } = system.accounts
  const { token } = await system.database.transaction((tx) => links.create(tx, 'reset-password', system.userId))
  const password = 'another horse entirely'
  await links.use('reset-password', { token, password }, HOME)
  const { challenge_token, challenge } = challengeOf(await system.accounts.signIn(EMAIL, password, HOME))
  assert.equal(challenge, 'totp')
  const answers: Omit<ChallengeAnswer, 'challenge_token'>[] = [{ password }, { recoveryCode: '0000-0000-0000-0000' }]
  for (const answer of answers) {
    const outcome = await outcomeOf(system.accounts.factors.answer({ challenge_token, ...answer }, HOME))
    assert.equal(outcome, 'invalid-code')
  }
  const code = codeOf(secret, system.now())
  assert.equal(await outcomeOf(system.accounts.factors.answer({ challenge_token, code }, HOME)), 'ok')
})

test('a sign-in that cannot be recorded uses no code up', async () => {
  await using system = await testAccounts()
  const { secret } = await withTotp(system)
  const { challenge_token } = await challenged(system)
  const code = codeOf(secret, system.now())
  system.beforeRecord = () => Promise.reject(new AppError('audit-unavailable'))
  assert.equal(await outcomeOf(system.accounts.factors.answer({ challenge_token, code }, HOME)), 'audit-unavailable')
  system.beforeRecord = () => Promise.resolve()
  assert.equal(await outcomeOf(system.accounts.factors.answer({ challenge_token, code }, HOME)), 'ok')
})

test('recovery codes stand in for the app, each once, also when two use one at once', async () => {
  await using system = await testAccounts()
  const owner = await ownerOf(system)
  const { factors } = system.accounts
  assert.equal(await outcomeOf(factors.createRecoveryCodes(owner)), 'conflict')
  const { secret } = await factors.startTotp(owner)
  await factors.enrolTotp(owner, codeOf(secret, system.now()))
  const { recoveryCodes: old } = await factors.createRecoveryCodes(owner)
  const { recoveryCodes } = await factors.createRecoveryCodes(owner)
  assert.equal(new Set([...old, ...recoveryCodes]).size, 20)
  const answer = async (recoveryCode: string) => ({
    challenge_token: (await challenged(system)).challenge_token,
    recoveryCode,
  })
  const [first = '', second = ''] = recoveryCodes
  const twice = [await answer(first), await answer(first.toUpperCase().replaceAll('-', ' '))]
  assert.deepEqual(await tally(twice.map((each) => factors.answer(each, HOME))), { ok: 1, 'invalid-code': 1 })
  assert.equal(await outcomeOf(factors.answer(await answer(old[0]!), HOME)), 'invalid-code')
  assert.equal(await outcomeOf(factors.answer(await answer(second), HOME)), 'ok')
  assert.equal((await factors.list(owner)).recoveryCodes.left, 8)
  const stored = JSON.stringify(await system.database.query(`select data from credentials`))
  for (const code of recoveryCodes) assert.ok(!stored.includes(code) && !stored.includes(code.replaceAll('-', '')))
})

test('without its last factor an account is asked for none, and its recovery codes are gone', async () => {
  await using system = await testAccounts()
  const { owner } = await withTotp(system)
  const { factors } = system.accounts
  await factors.createRecoveryCodes(owner)
  await factors.deleteTotp(owner)
  assert.deepEqual((await factors.list(owner)).recoveryCodes, { left: 0 })
  assert.equal(await outcomeOf(factors.deleteTotp(owner)), 'not-found')
  await system.accounts.login(EMAIL, PASSWORD, HOME)
})

test('who proves anew who they are gets a new session in the place of the old', async () => {
  await using system = await testAccounts()
  const tokens = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const owner = await ownerOf(system, tokens.access_token)
  const { factors } = system.accounts
  const byPassword = await factors.freshChallenge(owner)
  assert.deepEqual([byPassword.challenge, byPassword.methods], ['password', ['password']])
  const { challenge_token } = byPassword
  assert.equal(
    await outcomeOf(factors.answer({ challenge_token, password: 'wrong horse battery' }, HOME)),
    'invalid-credentials',
  )
  const next = await factors.answer({ challenge_token, password: PASSWORD }, HOME)
  assert.equal(await system.alive(tokens.access_token), 'session-ended')
  assert.equal(await system.alive(next.access_token), 'accepted')
})

test('where there is a second factor, the password alone proves nothing anew', async () => {
  await using system = await testAccounts()
  const { secret, owner } = await withTotp(system)
  const { factors } = system.accounts
  const challenge = await factors.freshChallenge(owner)
  assert.deepEqual(challenge.methods, ['totp'])
  const { challenge_token } = challenge
  assert.equal(await outcomeOf(factors.answer({ challenge_token, password: PASSWORD }, HOME)), 'invalid-code')
  const code = codeOf(secret, system.now())
  assert.equal(await outcomeOf(factors.answer({ challenge_token, code }, HOME)), 'ok')
})

test('a session that ended cannot be made anew by its challenge', async () => {
  await using system = await testAccounts()
  const { secret, owner } = await withTotp(system)
  const { challenge_token } = await system.accounts.factors.freshChallenge(owner)
  await system.database.query('update sessions set revoked_at = now()')
  const code = codeOf(secret, system.now())
  assert.equal(await outcomeOf(system.accounts.factors.answer({ challenge_token, code }, HOME)), 'invalid-token')
})
