import type { DirectoryId } from '@skycrate/core/naming/id'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import type { Directory } from '../users/directories/directory.ts'
import { hashDirectoryToken, parseDirectoryToken } from './directory-token.ts'

/** A token can't be guessed: the limit keeps a flood of bad ones from the database. */
const BAD_TOKENS = { burst: 30, refillMs: 10_000 }

interface Row {
  id: DirectoryId
  name: string
  issuer: string | null
  match_by: 'external-id' | 'email'
  is_used: boolean
}

export type AdmitDirectory = (authorization: string | undefined, origin: RequestOrigin) => Promise<Directory>

/**
 * Finds the directory whose token this is. A token that was replaced or deleted is refused from then on, at every process.
 * @returns a function that throws AppError `unauthenticated`, `invalid-token`, `too-many-requests`
 */
export function admitDirectories(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  /** @returns 0, or the seconds until the directory may ask again */
  readonly limit: (directoryId: string) => number
}): AdmitDirectory {
  const { database, audit, now, limit } = use
  const badTokens = createAttemptLimit(database, 'bad-directory-tokens', BAD_TOKENS)

  async function refuse(reason: string, origin: RequestOrigin): Promise<never> {
    const retryAfter = await badTokens.take(addressGroup(origin.ip), now())
    if (retryAfter > 0) {
      throw new AppError('too-many-requests', 'Too many wrong tokens came from this address.', { retryAfter })
    }
    await record(reason, undefined, origin)
    throw new AppError('invalid-token', 'Send the token of a directory, as an administrator of SkyCrate created it.')
  }

  const record = (reason: string, directory: Directory | undefined, origin: RequestOrigin): Promise<void> =>
    audit.record({
      action: 'directory.request',
      outcome: 'deny',
      userId: null,
      bucket: null,
      key: null,
      reason,
      ...(directory && { detail: { directoryId: directory.id, name: directory.name } }),
      origin,
    })

  return async (authorization, origin) => {
    if (authorization === undefined) throw new AppError('unauthenticated', 'Send a token: Authorization: Bearer …')
    const text = /^bearer +(\S+) *$/i.exec(authorization)?.[1]
    const token = text === undefined ? undefined : parseDirectoryToken(text)
    if (token === undefined) return refuse('not-a-directory-token', origin)
    const [row] = await database.hot.query<Row>(
      `select id, name, issuer, match_by, token_used_at > now() - interval '1 minute' is true as is_used
       from directories where token_hash = $1`,
      [hashDirectoryToken(token)],
      'directory-by-token',
    )
    if (!row) return refuse('unknown-token', origin)
    const directory: Directory = { id: row.id, name: row.name, issuer: row.issuer, matchBy: row.match_by }
    const retryAfter = limit(directory.id)
    if (retryAfter > 0) {
      await record('throttled', directory, origin)
      throw new AppError('too-many-requests', 'This directory sends requests too fast.', { retryAfter })
    }
    if (!row.is_used) {
      await database.hot.query('update directories set token_used_at = now() where id = $1', [row.id], 'directory-used')
    }
    return directory
  }
}
