import type { CreatedUser, NewUser } from '@skycrate/contract/users/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import { insertAccountOf, setPasswordHash } from '../accounts/account-rows.ts'
import { passwordProblem } from '../accounts/new-password.ts'
import type { Sql } from '../db/database.ts'
import { isUniqueViolation } from '../db/database-error.ts'
import { AppError } from '../errors/app-error.ts'
import { insertUser } from './insert-user.ts'
import { isEmail } from './is-email.ts'
import { mailLink } from './mail-link.ts'
import { requireOwnGroups, setOwnGroups } from './own-groups.ts'
import { findUserView } from './user-view.ts'
import type { By, UsersOptions } from './users-options.ts'

/** @throws AppError `invalid-request`, `conflict` */
export async function createUser(options: UsersOptions, body: NewUser, by: By): Promise<CreatedUser> {
  const { now, passwords, links } = options
  const email = body.email?.trim() ?? null
  checkNewUser({ ...body, email }, options.isIssuer)
  const { identity, password, passwordHash, name = null, isAdmin = false } = body
  const hash = password === undefined ? passwordHash : await passwords.hash(password)
  try {
    return await changeRecorded(options, async (tx, record) => {
      const groups = await requireOwnGroups(tx, body.groups ?? [])
      const state = hash === undefined ? 'invited' : 'active'
      const userId = await insertUser(tx, { email, name, isAdmin, state, hasAccount: identity === undefined }, now())
      if (identity === undefined) await insertAccountOf(tx, userId, email!)
      if (hash !== undefined) await setPasswordHash(tx, userId, hash)
      if (identity !== undefined) await prepare(tx, userId, email, identity)
      await setOwnGroups(tx, userId, groups)
      const invitation = body.invite ? await links.create(tx, 'invitation', userId) : undefined
      if (invitation) await mailLink(options, tx, 'invitation', email, invitation)
      const user = await findUserView(tx, userId)
      await record({
        action: body.invite ? 'user.invite' : 'user.create',
        outcome: 'allow',
        userId: by.userId,
        targetUserId: userId,
        bucket: null,
        key: null,
        reason: null,
        detail: {
          email,
          changed: { name, isAdmin, groups: user!.groups },
          ...(identity?.issuer === undefined ? {} : { issuer: identity.issuer }),
        },
        origin: by.origin,
      })
      return { ...user!, ...(invitation && { invitation }) }
    })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError(
      'conflict',
      identity?.subject === undefined
        ? 'There is a user with this e-mail address already.'
        : 'There is a user with this identity already.',
    )
  }
}

/** The user takes hold when that identity signs in, or the first one with that verified e-mail address. */
async function prepare(
  tx: Sql,
  userId: UserId,
  email: string | null,
  { issuer, subject }: NonNullable<NewUser['identity']>,
): Promise<void> {
  if (subject === undefined) {
    await tx.query('insert into prepared_identities (user_id, email, issuer) values ($1, $2, $3)', [
      userId,
      email,
      issuer ?? null,
    ])
  } else {
    await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $3)', [issuer, subject, userId])
  }
}

function checkNewUser(
  body: Omit<NewUser, 'email'> & { email: string | null },
  isIssuer: (issuer: string) => boolean,
): void {
  const errors: { path: string; message: string }[] = []
  const { email, password, passwordHash, invite, identity } = body
  if ([password, passwordHash, invite, identity].filter((each) => each !== undefined).length !== 1) {
    errors.push({ path: '', message: 'needs one of password, passwordHash, invite and identity' })
  }
  if (email === null) {
    if (identity?.subject === undefined) errors.push({ path: '/email', message: 'is needed' })
  } else if (!isEmail(email)) {
    errors.push({ path: '/email', message: 'is no e-mail address' })
  }
  const problem = password === undefined ? undefined : passwordProblem(password, [email, body.name ?? null])
  if (problem !== undefined) errors.push({ path: '/password', message: problem })
  if (identity?.subject !== undefined && identity.issuer === undefined) {
    errors.push({ path: '/identity/issuer', message: 'is needed with a subject' })
  }
  if (identity?.issuer !== undefined && !isIssuer(identity.issuer)) {
    errors.push({ path: '/identity/issuer', message: 'is no issuer that this server accepts' })
  }
  for (const [path, text] of [
    ['/name', body.name],
    ['/identity/subject', identity?.subject],
  ] as const) {
    if (text !== undefined && !text.isWellFormed()) errors.push({ path, message: 'is not valid Unicode' })
  }
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}
