import type { Job } from '@skycrate/contract/jobs/schemas'
import type {
  CreatedUser,
  NewUser,
  OneTimeLink,
  User as UserView,
  UserChange,
  UserDeletion,
  UserImportReport,
  Users as UserPage,
  UsersQuery,
} from '@skycrate/contract/users/schemas'
import { isId, type UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import { mailFactorChange } from '../accounts/factors/mail-change.ts'
import { deleteFactors } from '../accounts/factors/factor-rows.ts'
import { endSessionsOf } from '../accounts/sessions.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import { createUser } from './create-user.ts'
import { deleteUser } from './delete-user.ts'
import { importUsers } from './import-users.ts'
import { listUsers } from './list-users.ts'
import { lockUser } from './lock-user.ts'
import { mailLink } from './mail-link.ts'
import { updateUser } from './update-user.ts'
import { findUserView } from './user-view.ts'
import type { By, ByUser, UsersOptions } from './users-options.ts'

/** An administrator's use cases on users. Each change is in the audit log before it holds. */
export interface Users {
  list(query: UsersQuery): Promise<UserPage>
  /** @throws AppError `not-found` */
  find(id: string): Promise<UserView>
  /** @throws AppError `invalid-request`, `conflict` for an e-mail address or identity that a user has */
  create(body: NewUser, by: By): Promise<CreatedUser>
  /** All users of a CSV file, or none. @throws AppError `invalid-request`, `conflict` */
  import(file: Uint8Array, dryRun: boolean, by: By): Promise<UserImportReport>
  /** @throws AppError `not-found`, `precondition-failed`, `last-administrator`, `conflict`, `invalid-request` */
  update(id: string, body: UserChange, precondition: Precondition, by: By): Promise<UserView>
  /** @returns the job @throws AppError `not-found`, `precondition-failed`, `last-administrator`, `invalid-request` */
  delete(id: string, wish: UserDeletion, precondition: Precondition, by: ByUser): Promise<Job>
  /** @throws AppError `not-found` */
  endSessions(id: string, by: By): Promise<void>
  /** @throws AppError `not-found`, `conflict` for a user without a built-in account */
  resetPassword(id: string, by: By): Promise<OneTimeLink>
  /** Deletes the user's second factors and ends all sessions. @throws AppError `not-found` */
  resetFactors(id: string, by: By): Promise<void>
  /** A person's own name. */
  rename(name: string | null, by: ByUser): Promise<void>
}

export function createUsers(options: UsersOptions): Users {
  const { database, links, settled } = options

  async function find(id: string): Promise<UserView> {
    return (await findUserView(database, requireUserId(id))) ?? notFound()
  }

  return {
    list: (query) => listUsers(options.reads.current, query),
    find,
    create: (body, by) => createUser(options, body, by),
    import: (file, dryRun, by) => importUsers(options, file, dryRun, by),

    async update(id, body, precondition, by) {
      await updateUser(options, requireUserId(id), body, precondition, by)
      return find(id)
    },

    async delete(id, wish, precondition, by) {
      const job = await deleteUser(options, requireUserId(id), wish, precondition, by)
      return options.jobs.find(job, { userId: by.userId, isAdmin: true })
    },

    async endSessions(id, { userId: by, origin }) {
      const userId = requireUserId(id)
      await changeRecorded(options, async (tx, record) => {
        if (!(await lockUser(tx, userId))) notFound()
        await endSessionsOf(tx, userId)
        const event = { action: 'user.end-sessions', outcome: 'allow', userId: by, targetUserId: userId } as const
        await record({ ...event, bucket: null, key: null, reason: null, origin })
      })
      await settled()
    },

    resetPassword(id, { userId: by, origin }) {
      const userId = requireUserId(id)
      return changeRecorded(options, async (tx, record) => {
        await lockUser(tx, userId)
        const user = (await findUserView(tx, userId)) ?? notFound()
        const [account] = await tx.query<{ email: string }>('select email from accounts where user_id = $1', [userId])
        if (!account) throw new AppError('conflict', 'This user signs in through an issuer and has no password here.')
        if (user.state !== 'active' && user.state !== 'invited') {
          throw new AppError('conflict', `This user is ${user.state}.`)
        }
        const kind = user.state === 'invited' ? 'invitation' : 'reset-password'
        const link = await links.create(tx, kind, userId)
        await mailLink(options, tx, kind, account.email, link)
        const event = { action: 'user.reset-password', outcome: 'allow', userId: by, targetUserId: userId } as const
        await record({ ...event, bucket: null, key: null, reason: null, detail: { email: user.email }, origin })
        return link
      })
    },

    async resetFactors(id, { userId: by, origin }) {
      const userId = requireUserId(id)
      await changeRecorded(options, async (tx, record) => {
        if (!(await lockUser(tx, userId))) notFound()
        const kinds = await deleteFactors(tx, userId)
        await endSessionsOf(tx, userId)
        const event = { action: 'factor.reset', outcome: 'allow', userId: by, targetUserId: userId } as const
        await record({ ...event, bucket: null, key: null, reason: null, detail: { kinds }, origin })
        if (options.mail && kinds.length > 0) {
          await mailFactorChange({ ...options.mail, now: options.now }, tx, userId, 'reset')
        }
      })
      await settled()
    },

    async rename(name, { userId, origin }) {
      await changeRecorded(options, async (tx, record) => {
        const [before] = await tx.query<{ name: string | null }>('select name from users where id = $1 for update', [
          userId,
        ])
        await tx.query(`update users set name = $2, name_chosen = true, updated_at = now() where id = $1`, [
          userId,
          name,
        ])
        const event = { action: 'user.update', outcome: 'allow', userId, targetUserId: userId } as const
        const detail = { changed: { name }, before: { name: before?.name ?? null } }
        await record({ ...event, bucket: null, key: null, reason: null, detail, origin })
        await tx.query(`select pg_notify('skycrate_users', $1)`, [userId])
      })
      // Whoever has just presented a token is remembered with the name before.
      await settled()
    },
  }
}

function requireUserId(id: string): UserId {
  return isId('usr', id) ? id : notFound()
}

function notFound(): never {
  throw new AppError('not-found')
}
