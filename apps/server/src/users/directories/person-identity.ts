import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Directory } from './directory.ts'
import type { DirectoryPerson } from './directory-user.ts'

type Known = Pick<DirectoryPerson, 'externalId' | 'email'>

/**
 * Prepares by what the issuer will know the person: they take up this user when they come.
 * @param before what the directory said of them until now; undefined for somebody new
 * @throws AppError `invalid-request` without what the directory matches by, `conflict` for somebody else's
 */
export async function prepareIdentity(
  tx: Sql,
  directory: Directory,
  userId: UserId,
  person: Known,
  before?: Known,
): Promise<void> {
  const { issuer, matchBy } = directory
  if (matchBy === 'external-id') {
    const { externalId } = person
    if (externalId === null) throw needed('/externalId', 'is needed: by it, the issuer of this directory knows a user')
    if (externalId === before?.externalId) return
    if (before) {
      await tx.query('delete from identities where user_id = $1 and issuer = $2 and subject = $3', [
        userId,
        issuer,
        before.externalId,
      ])
    }
    const added = await tx.query(
      `insert into identities (issuer, subject, user_id) values ($1, $2, $3)
       on conflict (issuer, subject) do update set user_id = excluded.user_id where identities.user_id = excluded.user_id
       returning user_id`,
      [issuer, externalId, userId],
    )
    if (added.length === 0) throw new AppError('conflict', 'Another user has this externalId.')
    return
  }
  const { email } = person
  if (email === null) throw needed('/emails', 'needs an address: by it, a user of this directory is known')
  if (!before) {
    await tx.query('insert into prepared_identities (user_id, email, issuer) values ($1, $2, $3)', [
      userId,
      email,
      issuer,
    ])
  } else if (email !== before.email) {
    // Who has come already is known by their identity.
    await tx.query('update prepared_identities set email = $2 where user_id = $1', [userId, email])
  }
}

const needed = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
