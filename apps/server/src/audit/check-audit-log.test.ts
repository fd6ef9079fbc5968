import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../db/test-database.ts'
import { checkAuditLog } from './check-audit-log.ts'

test('a log that can be written passes and holds nothing afterwards; one that cannot fails', async () => {
  await using database = await testDatabase()
  await checkAuditLog(database, Date.now())
  assert.deepEqual(await database.query('select 1 from audit_events'), [])
  await database.query(`create function full_disk() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`)
  await database.query(
    'create trigger full_disk before insert on audit_events for each row execute function full_disk()',
  )
  await assert.rejects(checkAuditLog(database, Date.now()))
})
