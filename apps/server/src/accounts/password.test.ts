import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPasswords } from './password.ts'
import { tally } from './test-accounts.ts'

test('a hash is argon2id with its parameters, salted, and verifies its password alone', async () => {
  const passwords = await openPasswords()
  const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(one, other)
  assert.equal(await passwords.verify(one, 'correct horse'), true)
  assert.equal(await passwords.verify(one, 'correct horsf'), false)
})

test('a password is the same however its letters are composed', async () => {
  const passwords = await openPasswords()
  assert.equal(await passwords.verify(await passwords.hash('pässword'), 'pa\u0308ssword'), true)
})

test('without an account nothing matches, not even the password that is compared with', async () => {
  const passwords = await openPasswords()
  assert.equal(await passwords.verify(undefined, 'no account has this password'), false)
})

test('more passwords at once than can be answered soon are refused at once', async () => {
  const passwords = await openPasswords()
  const counts = await tally(Array.from({ length: 80 }, () => passwords.verify(undefined, 'x')))
  assert.deepEqual(counts, { ok: 67, 'too-many-requests': 13 })
  assert.equal(await passwords.verify(undefined, 'x'), false)
})
