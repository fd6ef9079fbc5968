import { readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

/** Of the schema that this program reads and writes. Another schema of the index, or of what lies in the files, is another number. */
export const INDEX_SCHEMA = 8

/** The data directory was written by another version of this program. Nothing in it was changed. */
export class IndexSchemaError extends Error {
  constructor(path: string, schema: number) {
    super(
      `${path} was written by ${schema < INDEX_SCHEMA ? 'an older' : 'a newer'} version of the store (schema ${schema}; ` +
        `this version reads schema ${INDEX_SCHEMA} only). Nothing was changed. Start the version that wrote it, and copy its ` +
        `buckets with skycrate-s3-copy to a store in a new folder.`,
    )
    this.name = 'IndexSchemaError'
  }
}

/** @throws IndexSchemaError */
export const requireSchema = (path: string, schema: number): void => {
  if (schema !== INDEX_SCHEMA) throw new IndexSchemaError(path, schema)
}

/**
 * Makes the tables of an empty database.
 *
 * @param path for the message
 * @throws IndexSchemaError for one that has others
 */
export const prepareIndex = (database: DatabaseSync, path: string): void => {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version !== 0) {
    requireSchema(path, version)
    return
  }
  const sql = readFileSync(new URL('schema.sql', import.meta.url), 'utf8')
  database.exec(`PRAGMA encoding = 'UTF-8'; PRAGMA auto_vacuum = INCREMENTAL`)
  database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${INDEX_SCHEMA}; COMMIT`)
}

/** The last entry of the journal that an index holds. */
export const positionOf = (database: DatabaseSync): number =>
  (database.prepare('SELECT position FROM journal').get() as { position: number }).position
