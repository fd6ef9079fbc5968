import { readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

const MIGRATIONS = [
  '0001-init.sql',
  '0002-integrity.sql',
  '0003-object-lock.sql',
  '0004-journal.sql',
  '0005-events.sql',
  '0006-sums.sql',
  '0007-xxh3.sql',
]

/** The version of the schema that this program writes. */
export const INDEX_SCHEMA = MIGRATIONS.length

/** The first version that has a journal. */
const JOURNAL_SCHEMA = 4

export const schemaOf = (database: DatabaseSync): number =>
  (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

/** Brings the index from its version of the schema up to `target`, each step in one transaction. */
export const migrateIndex = (database: DatabaseSync, target: number): void => {
  const version = schemaOf(database)
  if (version > INDEX_SCHEMA) {
    throw new Error(`The index was written by a newer version (schema ${version}, this program knows ${INDEX_SCHEMA}).`)
  }
  for (const [at, file] of MIGRATIONS.slice(0, target).entries()) {
    if (at < version) continue
    const sql = readFileSync(new URL(`./migrations/${file}`, import.meta.url), 'utf8')
    database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${at + 1}; COMMIT`)
  }
}

/** The last entry of the journal that an index holds; 0 for one from before there was a journal. */
export const positionOf = (database: DatabaseSync): number =>
  schemaOf(database) < JOURNAL_SCHEMA
    ? 0
    : (database.prepare('SELECT position FROM journal').get() as { position: number }).position
