import type { AuditDetails } from '@skycrate/contract/audit-actions'
import type { User as UserView } from '@skycrate/contract/users/schemas'
import { isId, type UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../../access/record-change.ts'
import type { NewAuditEvent } from '../../audit/audit-event.ts'
import type { Sql } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/database-error.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Precondition } from '../../precondition.ts'
import { changeState } from '../change-state.ts'
import { insertUser } from '../insert-user.ts'
import { lockAdministrators } from '../last-administrator.ts'
import { lockUser } from '../lock-user.ts'
import { findUserView } from '../user-view.ts'
import type { ByDirectory, Directory, DirectoryUse } from './directory.ts'
import { type DirectoryPerson, type DirectoryUser, isActive } from './directory-user.ts'
import { type Condition, findDirectoryUser, readDirectoryUsers } from './directory-user-rows.ts'
import { findPerson } from './find-person.ts'
import { prepareIdentity } from './person-identity.ts'

/** A directory's use cases on its people. Each change is in the audit log before it holds. */
export interface DirectoryUsers {
  list(
    directory: Directory,
    condition: Condition,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly total: number; readonly users: readonly DirectoryUser[] }>
  /** @throws AppError `not-found` */
  find(directory: Directory, id: string): Promise<DirectoryUser>
  /** @throws AppError `conflict`, `invalid-request`, `last-administrator` */
  create(person: DirectoryPerson, by: ByDirectory): Promise<DirectoryUser>
  /**
   * @param change what the directory says now, from what it said before
   * @throws AppError `not-found`, `conflict`, `invalid-request`, `precondition-failed`, `last-administrator`
   */
  change(
    id: string,
    change: (before: DirectoryUser) => DirectoryPerson,
    precondition: Precondition,
    by: ByDirectory,
  ): Promise<DirectoryUser>
  /**
   * The directory tells of the user no more: they are suspended and leave its groups. What they have stays until an
   * administrator deletes it.
   * @throws AppError `not-found`, `precondition-failed`, `last-administrator`
   */
  delete(id: string, precondition: Precondition, by: ByDirectory): Promise<void>
}

/** @param personOf what a directory has said of a user */
export function createDirectoryUsers(
  options: DirectoryUse,
  personOf: (user: DirectoryUser) => DirectoryPerson,
): DirectoryUsers {
  const { database, now, settled } = options

  async function required(sql: Sql, directory: Directory, id: string): Promise<DirectoryUser> {
    const user = isId('usr', id) ? await findDirectoryUser(sql, directory.id, id) : undefined
    if (!user) throw new AppError('not-found')
    return user
  }

  /** Under the locks of a change that may suspend. */
  async function locked(tx: Sql, id: UserId): Promise<UserView & { readonly id: UserId }> {
    await lockUser(tx, id)
    return { ...(await findUserView(tx, id))!, id }
  }

  return {
    list: (directory, condition, page) => readDirectoryUsers(database, directory.id, condition, page),
    find: (directory, id) => required(database, directory, id),

    async create(person, by) {
      const { directory } = by
      const user = await nameTaken(() =>
        changeRecorded(options, async (tx, record) => {
          if (!person.active) await lockAdministrators(tx)
          const known = await findPerson(tx, directory, person)
          const userId = known?.userId ?? (await insertPerson(tx, directory, person, now()))
          // Nobody else knows of a user who is new.
          const before = known ? await locked(tx, userId) : undefined
          const said = known && { externalId: person.externalId, email: null }
          await prepareIdentity(tx, directory, userId, person, said)
          const then = before ?? { id: userId, state: 'invited', isAdmin: false }
          const mayReinstate = known?.wasDeleted === true && then.state === 'suspended'
          const state = !person.active
            ? await changeState(tx, then, 'suspended')
            : mayReinstate
              ? await changeState(tx, then, 'active')
              : then.state
          if (before) await takeOver(tx, before, person)
          await tx.query(
            `insert into directory_users (directory_id, user_id, user_name, external_id, attributes, active)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (directory_id, user_id) do update set user_name = excluded.user_name,
               external_id = excluded.external_id, attributes = excluded.attributes, active = excluded.active,
               deleted_at = null, created_at = now(), updated_at = now()`,
            [
              directory.id,
              userId,
              person.userName,
              person.externalId,
              JSON.stringify(person.attributes),
              person.active,
            ],
          )
          const { name, email, userName, externalId } = person
          await record(
            eventOf(known ? 'user.update' : 'user.create', userId, by, {
              email,
              ...(directory.issuer === null ? {} : { issuer: directory.issuer }),
              changed: { name, state, userName, externalId, directory: directory.name },
              ...(before ? { before: { name: before.name, state: before.state } } : {}),
            }),
          )
          return required(tx, directory, userId)
        }),
      )
      if (!isActive(user)) await settled()
      return user
    },

    async change(id, change, precondition, by) {
      const { directory } = by
      const { user, isSuspension } = await nameTaken(() =>
        changeRecorded(options, async (tx, record) => {
          const known = await required(tx, directory, id)
          // The lock of administrators goes first, and only a suspension needs it.
          if (!change(known).active) await lockAdministrators(tx)
          const view = await locked(tx, known.id)
          const before = await required(tx, directory, id)
          precondition(before.updatedAt)
          const person = change(before)
          if (!person.active && change(known).active) throw new AppError('conflict', 'Somebody else changes this user.')
          const said = personOf(before)
          const state = await stateOf(tx, view, person.active, directory)
          await prepareIdentity(tx, directory, known.id, person, said)
          await takeOver(tx, view, person, said)
          const fields = (['userName', 'externalId', 'name', 'email'] as const).filter(
            (field) => person[field] !== said[field],
          )
          const isSame =
            fields.length === 0 &&
            state === view.state &&
            person.active === said.active &&
            JSON.stringify(sorted(person.attributes)) === JSON.stringify(sorted(said.attributes))
          if (isSame) return { user: before, isSuspension: false }
          await tx.query(
            `update directory_users set user_name = $3, external_id = $4, attributes = $5, active = $6, updated_at = now()
             where directory_id = $1 and user_id = $2`,
            [
              directory.id,
              known.id,
              person.userName,
              person.externalId,
              JSON.stringify(person.attributes),
              person.active,
            ],
          )
          const suspends = state === 'suspended' && view.state !== 'suspended'
          const changedState = state === view.state ? {} : { state }
          await record(
            eventOf(suspends ? 'user.suspend' : 'user.update', known.id, by, {
              email: person.email,
              changed: { ...Object.fromEntries(fields.map((field) => [field, person[field]])), ...changedState },
              before: {
                ...Object.fromEntries(fields.map((field) => [field, said[field]])),
                ...(state === view.state ? {} : { state: view.state }),
              },
            }),
          )
          return { user: await required(tx, directory, id), isSuspension: suspends }
        }),
      )
      if (isSuspension) await settled()
      return user
    },

    async delete(id, precondition, by) {
      const { directory } = by
      await changeRecorded(options, async (tx, record) => {
        await lockAdministrators(tx)
        const user = await required(tx, directory, id)
        const view = await locked(tx, user.id)
        precondition(user.updatedAt)
        const state = await changeState(tx, view, 'suspended')
        await tx.query(
          `delete from group_members m using groups g
           where m.user_id = $1 and g.id = m.group_id and g.directory_id = $2 and not m.from_claims`,
          [user.id, directory.id],
        )
        await tx.query(
          `update directory_users set active = false, deleted_at = now(), updated_at = now()
           where directory_id = $1 and user_id = $2`,
          [directory.id, user.id],
        )
        await record(
          eventOf('user.suspend', user.id, by, {
            email: view.email,
            changed: { state, directory: null },
            before: { state: view.state, directory: directory.name },
          }),
        )
      })
      await settled()
    },
  }
}

async function insertPerson(
  tx: Sql,
  directory: Directory,
  { email, name }: DirectoryPerson,
  now: number,
): Promise<UserId> {
  const user = { email, name, isAdmin: false, state: 'invited', hasAccount: false, directory } as const
  return insertUser(tx, user, now)
}

/** A directory ends a suspension that it began, and no other. */
async function stateOf(
  tx: Sql,
  view: UserView & { readonly id: UserId },
  active: boolean,
  directory: Directory,
): Promise<UserView['state']> {
  if (!active) return changeState(tx, view, 'suspended')
  if (view.state !== 'suspended') return view.state
  const [row] = await tx.query<{ active: boolean }>(
    'select active from directory_users where directory_id = $1 and user_id = $2',
    [directory.id, view.id],
  )
  return row?.active === false ? changeState(tx, view, 'active') : view.state
}

/**
 * Name and e-mail address where the directory says something new of them: in between, the person's tokens say. A name
 * that somebody chose here stays.
 */
async function takeOver(tx: Sql, view: UserView, person: DirectoryPerson, said?: DirectoryPerson): Promise<void> {
  if (person.name !== null && person.name !== (said?.name ?? null)) {
    await tx.query('update users set name = $2, updated_at = now() where id = $1 and not name_chosen', [
      view.id,
      person.name,
    ])
  }
  // An address that the issuer vouches for stays until a token says another.
  if (person.email !== null && person.email !== (said?.email ?? null)) {
    await tx.query(
      `update users set email = $2, email_verified = false, updated_at = now()
       where id = $1 and not email_verified and email is distinct from $2`,
      [view.id, person.email],
    )
  }
}

function eventOf(
  action: 'user.create' | 'user.update' | 'user.suspend',
  userId: UserId,
  { directory, origin }: ByDirectory,
  detail: AuditDetails['user'],
): NewAuditEvent {
  return {
    action,
    outcome: 'allow',
    userId: null,
    targetUserId: userId,
    bucket: null,
    key: null,
    reason: null,
    detail: { ...detail, directoryId: directory.id },
    origin,
  }
}

/** jsonb keeps no order of keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}

async function nameTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    const { constraint } = error
    throw new AppError(
      'conflict',
      constraint === 'prepared_identities_email'
        ? 'Another user waits for this e-mail address.'
        : constraint === 'directory_users_external'
          ? 'Another user of this directory has this externalId.'
          : 'Another user of this directory has this userName.',
    )
  }
}
