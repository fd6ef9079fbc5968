import { constants } from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'
import { positionOf, requireSchema } from './index-schema.ts'
import { Journal } from './journal.ts'

/**
 * Applies to an index what the journal holds beyond it. Resolves with how many entries those were.
 *
 * @throws JournalDamageError; IndexSchemaError; Error when the journal is that of another index
 */
export const replayJournal = async (database: DatabaseSync, directory: string): Promise<number> => {
  let applied = 0
  // Each entry holds everything that it changed, what a foreign key took along too.
  database.exec('PRAGMA foreign_keys = OFF')
  for await (const { sequence, payload, schema } of Journal.replay(directory, positionOf(database))) {
    requireSchema(directory, schema)
    database.exec('BEGIN IMMEDIATE')
    try {
      const fits = database.applyChangeset(payload, { onConflict: () => constants.SQLITE_CHANGESET_ABORT })
      if (!fits)
        throw new Error(`Entry ${sequence} of ${directory} does not fit the index: they are of different stores.`)
      database.prepare('UPDATE journal SET position = ?').run(sequence)
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
    applied += 1
  }
  database.exec('PRAGMA foreign_keys = ON')
  return applied
}
