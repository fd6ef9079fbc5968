import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { recordPlans } from '../db/record-plans.ts'
import { type TestDatabase, testDatabase } from '../db/test-database.ts'
import { readGroupPage } from './group-rows.ts'
import { listUsers } from './list-users.ts'

// A search reads its part of an index, not what is before it.

const COUNT = 20_000

let database: TestDatabase
before(async () => {
  database = await testDatabase()
  await database.query(
    `insert into users (id, email, name)
     select 'usr_' || lpad(n::text, 26, '0'), 'ada.' || n || '@team-' || n % 40 || '.example', 'Ada Lovelace' || n
     from generate_series(1, ${COUNT}) n`,
  )
  await database.query(
    `insert into groups (id, name) select 'grp_' || n, 'group-' || n from generate_series(1, ${COUNT}) n`,
  )
  await database.query('vacuum analyze users, groups')
})
after(() => database[Symbol.asyncDispose]())

for (const search of ['zz', 'ada.9', 'lovelace9', 'team-9.example']) {
  test(`users that begin with ${search}, page by page`, async () => {
    const plans = recordPlans(database)
    const first = await listUsers(plans.database, { search, limit: 10 })
    if (first.nextCursor !== null) await listUsers(plans.database, { search, limit: 10, cursor: first.nextCursor })
    assert.deepEqual(plans.summary().faults, [])
  })
}

test('groups that begin with a text, page by page', async () => {
  const plans = recordPlans(database)
  const first = await readGroupPage(plans.database, { search: 'group-9', limit: 10 })
  await readGroupPage(plans.database, { search: 'group-9', limit: 10, cursor: first.nextCursor! })
  assert.deepEqual(plans.summary().faults, [])
})
