import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt } from 'bcryptjs'
import { EMAIL, HOME, outcomeOf, PASSWORD, testAccounts } from './test-accounts.ts'

const OLD = { algorithm: 2, memoryCost: 8192, timeCost: 1, parallelism: 1 } as const

for (const [kind, make] of [
  ['a bcrypt hash of another system', () => bcrypt(PASSWORD, 5)],
  ['an argon2id hash of older parameters', () => argon2(PASSWORD, OLD)],
] as const) {
  test(`${kind} lets its owner in, is replaced at the first sign-in, and lets nobody else in`, async () => {
    await using system = await testAccounts()
    const { database, accounts } = system
    await database.query(`update credentials set data = jsonb_build_object('hash', $1::text)`, [await make()])
    assert.equal(await outcomeOf(accounts.login(EMAIL, 'wrong horse battery', HOME)), 'invalid-credentials')
    assert.equal(await outcomeOf(accounts.login(EMAIL, PASSWORD, HOME)), 'ok')
    const hashOf = async () =>
      (await database.query<{ hash: string }>(`select data ->> 'hash' as hash from credentials`))[0]!.hash
    const replaced = await hashOf()
    assert.match(replaced, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.equal(await outcomeOf(accounts.login(EMAIL, PASSWORD, HOME)), 'ok')
    assert.equal(await hashOf(), replaced, 'a current hash stays')
  })
}
