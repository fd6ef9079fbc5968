import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../db/open.ts'
import { openSigningKeys } from './signing-keys.ts'
import { EMAIL, HOME, PASSWORD, SECRET, type TestAccounts, testAccounts } from './test-accounts.ts'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }
const idsOf = async ({ database }: TestAccounts): Promise<string[]> =>
  (await database.query<{ id: string }>('select id from signing_keys order by created_at, id')).map(({ id }) => id)

/** A key that another process made after this one had read them. */
async function withNewerKey(system: TestAccounts): Promise<Awaited<ReturnType<TestAccounts['open']>>> {
  await system.database.query(`update signing_keys set created_at = created_at - interval '1 day', retired_at = now()`)
  const newer = await system.open()
  await system.database.query('update signing_keys set retired_at = null')
  return newer
}

test('several processes that start at once make one key, and each verifies what the others sign', async () => {
  await using system = await testAccounts()
  await system.database.query('delete from signing_keys')
  await using databases = new AsyncDisposableStack()
  const all = await Promise.all(
    Array.from({ length: 4 }, () => {
      const database = databases.use(openDatabase({ connection: system.database.connection, logger: QUIET }))
      return openSigningKeys({ database, secret: SECRET, now: system.now })
    }),
  )
  assert.equal((await idsOf(system)).length, 1)
  assert.equal(new Set(all.map((keys) => keys.newest().id)).size, 1)
})

test('a later start uses the same key', async () => {
  await using system = await testAccounts()
  const { access_token: token } = await system.accounts.login(EMAIL, PASSWORD, HOME)
  const later = await system.open()
  assert.equal((await later.verifier.verify(token)).outcome, 'accepted')
  assert.equal((await idsOf(system)).length, 1)
})

test('another secret stops the start with an error that names it, and changes nothing', async () => {
  await using system = await testAccounts()
  await assert.rejects(
    system.open({ secret: 'another secret of at least 32 characters' }),
    /SKYCRATE_SECRET is not the one/,
  )
  assert.equal((await idsOf(system)).length, 1)
})

test('a sealed key that was put in the place of another does not open', async () => {
  await using system = await testAccounts()
  await system.database.query(`update signing_keys set id = 'key_' || reverse(id)`)
  await assert.rejects(system.open(), /SKYCRATE_SECRET is not the one/)
})

test('the private key cannot be read out of the database', async () => {
  await using system = await testAccounts()
  const [row] = await system.database.query<{ public_jwk: Record<string, string>; sealed_private_key: Buffer }>(
    'select public_jwk, sealed_private_key from signing_keys',
  )
  assert.deepEqual(Object.keys(row!.public_jwk).toSorted(), ['crv', 'kty', 'x', 'y'])
  const sealed = row!.sealed_private_key.toString('latin1')
  assert.equal(sealed.includes('PRIVATE KEY'), false)
  const { x } = row!.public_jwk
  assert.equal(sealed.includes(Buffer.from(x!, 'base64url').toString('latin1')), false, 'PKCS 8 holds the public half')
})

test('the published keys are public, and name their use', async () => {
  await using system = await testAccounts()
  const { keys } = (await system.accounts.jwks()) as { keys: Record<string, string>[] }
  const [id] = await idsOf(system)
  assert.equal(keys.length, 1)
  const { x, y, ...rest } = keys[0]!
  assert.ok(x && y)
  assert.deepEqual(rest, { kty: 'EC', crv: 'P-256', kid: id, alg: 'ES256', use: 'sig' })
})

test('a process accepts and publishes a key that another made after it had started', async () => {
  await using system = await testAccounts()
  const newer = await withNewerKey(system)
  const { access_token: token } = await newer.login(EMAIL, PASSWORD, HOME)
  assert.equal(await system.alive(token), 'accepted')
  const { keys } = (await system.accounts.jwks()) as { keys: { kid: string }[] }
  assert.deepEqual(keys.map(({ kid }) => kid).toSorted(), (await idsOf(system)).toSorted())
})

test('unknown key ids become one query in a few seconds, not one each', async () => {
  await using system = await testAccounts()
  let loads = 0
  const database = {
    ...system.database,
    transaction<T>(work: Parameters<typeof system.database.transaction<T>>[0]): Promise<T> {
      loads++
      return system.database.transaction(work)
    },
  }
  const keys = await openSigningKeys({ database, secret: SECRET, now: system.now })
  const askForMany = (): Promise<unknown> =>
    Promise.all(Array.from({ length: 20 }, (_, i) => keys.publicKey(`key ${i}`)))
  await askForMany()
  await askForMany()
  assert.equal(loads, 2)
  system.advance(3_000)
  await askForMany()
  assert.equal(loads, 3)
  system.advance(-1_000_000)
  await askForMany()
  assert.equal(loads, 4, 'a clock that was set back does not stop it')
})

test('a retired key verifies and is published no more once it is heard of', async () => {
  await using system = await testAccounts()
  const keys = await openSigningKeys({ database: system.database, secret: SECRET, now: system.now })
  const old = keys.newest().id
  await system.database.query('update signing_keys set retired_at = now()')
  await keys.reload()
  assert.notEqual(keys.newest().id, old)
  assert.equal(await keys.publicKey(old), undefined)
  assert.equal(keys.publicJwks().length, 1)
})

test('without a database the known keys are still published', async () => {
  await using system = await testAccounts()
  let isAway = false
  const process = await system.open({
    database: {
      ...system.database,
      transaction: (work) => (isAway ? Promise.reject(new Error('away')) : system.database.transaction(work)),
    },
  })
  isAway = true
  assert.equal(((await process.jwks()) as { keys: unknown[] }).keys.length, 1)
})

test('a key that is old enough gets a successor, which signs once it was published, and retires after its last token', async () => {
  await using system = await testAccounts()
  const keys = await openSigningKeys({ database: system.database, secret: SECRET, now: system.now })
  const first = keys.newest().id
  const rotate = () => keys.rotate({ days: 90, tokenSeconds: 3600 })
  await Promise.all([rotate(), rotate()])
  assert.deepEqual(await idsOf(system), [first], 'a young key stays')
  const age = (interval: string) =>
    system.database.query(`update signing_keys set created_at = created_at - $1::interval`, [interval])
  await age('91 days')
  await Promise.all([rotate(), rotate()])
  const ids = await idsOf(system)
  assert.equal(ids.length, 2, 'one more, however many processes rotate at once')
  assert.equal(keys.newest().id, first, 'the new one is published first')
  assert.equal(keys.publicJwks().length, 2)
  await age('11 minutes')
  await keys.reload()
  assert.notEqual(keys.newest().id, first)
  await rotate()
  assert.equal(keys.publicJwks().length, 2, 'tokens of the old key are still good')
  await age('3 hours')
  await rotate()
  assert.equal(await keys.publicKey(first), undefined)
  assert.equal(keys.publicJwks().length, 1)
})
