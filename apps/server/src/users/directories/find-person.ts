import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Directory } from './directory.ts'
import type { DirectoryPerson } from './directory-user.ts'

/** Somebody who is a user already. */
export interface FoundPerson {
  readonly userId: UserId
  /** The directory suspended them, and may end that. */
  readonly wasDeleted: boolean
}

/**
 * The user who is this person: whom the directory deleted before, or who has signed in through the directory's issuer.
 * @throws AppError `conflict` where another directory tells of that user
 */
export async function findPerson(
  tx: Sql,
  directory: Directory,
  person: DirectoryPerson,
): Promise<FoundPerson | undefined> {
  const [deleted] = await tx.query<{ user_id: UserId }>(
    `select d.user_id from directory_users d join users u on u.id = d.user_id
     where d.directory_id = $1 and d.deleted_at is not null and u.state not in ('deleting', 'deleted')
       and d.external_id is not distinct from $2 and ($2::text is not null or lower(d.user_name) = lower($3))
     order by d.deleted_at desc limit 1`,
    [directory.id, person.externalId, person.userName],
  )
  if (deleted && !(await isTaken(tx, deleted.user_id))) return { userId: deleted.user_id, wasDeleted: true }
  const userId = await findByIssuer(tx, directory, person)
  if (userId === undefined) return undefined
  if (await isTaken(tx, userId)) throw new AppError('conflict', 'A directory tells of this person already.')
  return { userId, wasDeleted: false }
}

async function findByIssuer(
  tx: Sql,
  { issuer, matchBy }: Directory,
  { externalId, email }: DirectoryPerson,
): Promise<UserId | undefined> {
  if (issuer === null) return undefined
  const rows = await tx.query<{ id: UserId }>(
    matchBy === 'external-id'
      ? `select u.id from identities i join users u on u.id = i.user_id
         where i.issuer = $1 and i.subject = $2 and u.state <> 'deleting'`
      : // The same as when the directory tells of somebody before they come: the issuer vouches for the address.
        `select u.id from users u
         where u.email_verified and u.email_issuer = $1 and lower(u.email collate "C") = lower($2 collate "C")
           and u.state not in ('deleting', 'deleted')
           and exists (select 1 from identities i where i.user_id = u.id and i.issuer = $1) limit 2`,
    [issuer, matchBy === 'external-id' ? externalId : email],
  )
  return rows.length === 1 ? rows[0]!.id : undefined
}

async function isTaken(tx: Sql, userId: UserId): Promise<boolean> {
  const rows = await tx.query('select 1 from directory_users where user_id = $1 and deleted_at is null', [userId])
  return rows.length > 0
}
