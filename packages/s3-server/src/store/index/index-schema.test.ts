import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { INDEX_SCHEMA, migrateIndex, schemaOf } from './index-schema.ts'

test('every migration that lies there is applied', async () => {
  const files = await readdir(new URL('migrations/', import.meta.url))
  assert.equal(files.filter((name) => name.endsWith('.sql')).length, INDEX_SCHEMA)
  using database = new DatabaseSync(':memory:')
  migrateIndex(database, INDEX_SCHEMA)
  assert.equal(schemaOf(database), INDEX_SCHEMA)
})

test('an index of a newer version is refused', () => {
  using database = new DatabaseSync(':memory:')
  database.exec(`PRAGMA user_version = ${INDEX_SCHEMA + 1}`)
  assert.throws(() => {
    migrateIndex(database, INDEX_SCHEMA)
  }, /written by a newer version/)
})
