import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import { isUniqueViolation } from '../db/database-error.ts'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { activateUser } from './activate-user.ts'
import { lockUser } from './lock-user.ts'
import { rememberClaimGroups } from './remember-claim-groups.ts'
import { toUser, type User, USER_COLUMNS, type UserRow } from './user.ts'

/** Somebody whom an issuer vouches for. A person is (issuer, subject); the rest is what is known of them. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly email: string | null
  /** What the issuer says of the e-mail; null where it says nothing. */
  readonly emailVerified: boolean | null
  readonly name: string | null
  /** Names of groups of this issuer, each once and in order. */
  readonly groups: readonly string[]
}

interface Use {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
}

interface Known extends User {
  /** Groups of the identity's issuer, as remembered. */
  readonly claimGroups: readonly string[]
  /** E-mail address and name are those of another identity, which the user has as well. */
  readonly describedElsewhere: boolean
}

/**
 * The user of an identity, created at first sight; any number of first requests at once create one. That a user was
 * created is in the audit log before anybody hears of it.
 */
export async function findOrCreateUser(use: Use, identity: Identity, origin: RequestOrigin): Promise<User> {
  const known = await readByIdentity(use.database, identity)
  if (known?.state === 'invited') return activated(use, known, identity, origin)
  if (known) return refreshed(use, known, identity)
  try {
    return (await takeUpPrepared(use, identity, origin)) ?? (await createUser(use, identity, origin))
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    // Somebody else's first request was quicker, and has committed: that is what the violation says.
    return (await readByIdentity(use.database, identity))!
  }
}

async function readByIdentity(sql: Sql, { issuer, subject }: Identity): Promise<Known | undefined> {
  const [row] = await sql.query<UserRow & { claim_groups: string[]; described_elsewhere: boolean }>(
    `select ${USER_COLUMNS}, exists(
       select 1 from identities o where o.user_id = u.id and o.issuer = u.email_issuer and o.issuer <> i.issuer
     ) as described_elsewhere, array(
       select g.name from group_members m join groups g on g.id = m.group_id
       where m.user_id = u.id and m.from_claims and g.issuer = i.issuer
     ) as claim_groups
     from identities i join users u on u.id = i.user_id where i.issuer = $1 and i.subject = $2`,
    [issuer, subject],
    'user-by-identity',
  )
  return row && { ...toUser(row), claimGroups: row.claim_groups, describedElsewhere: row.described_elsewhere }
}

/** An administrator created the user for this very identity, and now it has come. */
async function activated(use: Use, known: Known, identity: Identity, origin: RequestOrigin): Promise<User> {
  await changeRecorded(use, async (tx, record) => {
    await lockUser(tx, known.id)
    await activateUser(tx, known.id)
    await record(arrivalOf(known.id, identity, origin))
  })
  return refreshed(use, { ...known, state: 'active' }, identity)
}

/**
 * The user whom an administrator prepared for this e-mail address, where the issuer vouches for it. Of two identities that
 * come at once with one address, the first takes it.
 */
async function takeUpPrepared(use: Use, identity: Identity, origin: RequestOrigin): Promise<User | undefined> {
  const { issuer, subject, email, emailVerified } = identity
  if (email === null || emailVerified !== true) return undefined
  const userId = await changeRecorded(use, async (tx, record) => {
    const [prepared] = await tx.query<{ user_id: UserId; state: 'invited' | 'suspended' }>(
      `select p.user_id, u.state from prepared_identities p join users u on u.id = p.user_id
       where lower(p.email collate "C") = lower($1 collate "C") and (p.issuer = $2 or p.issuer is null)
         and u.state in ('invited', 'suspended')
       order by p.issuer nulls last limit 1 for update of p, u`,
      [email, issuer],
    )
    if (!prepared) return undefined
    await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $3)', [
      issuer,
      subject,
      prepared.user_id,
    ])
    await tx.query('delete from prepared_identities where user_id = $1', [prepared.user_id])
    // Somebody who was suspended before they came is known by this identity from now on, and not let in.
    await activateUser(tx, prepared.user_id)
    await record(arrivalOf(prepared.user_id, identity, origin, prepared.state))
    return prepared.user_id
  })
  if (userId === undefined) return undefined
  return refreshed(use, (await readByIdentity(use.database, identity))!, identity)
}

function arrivalOf(
  userId: UserId,
  { issuer, subject, email }: Identity,
  origin: RequestOrigin,
  before: 'invited' | 'suspended' = 'invited',
): NewAuditEvent {
  const changed =
    before === 'invited' ? { changed: { state: 'active' }, before: { state: before } } : { changed: { subject } }
  return {
    action: 'user.update',
    outcome: 'allow',
    userId,
    targetUserId: userId,
    bucket: null,
    key: null,
    reason: null,
    detail: { issuer, email, ...changed },
    origin,
  }
}

async function createUser(use: Use, identity: Identity, origin: RequestOrigin): Promise<User> {
  const { issuer, subject, email, emailVerified, name, groups } = identity
  const id = createId('usr', use.now(), randomBytes(10))
  return use.database.transaction(async (tx) => {
    const [row] = await tx.query<UserRow>(
      `insert into users as u (id, email, email_verified, email_issuer, name, last_sign_in_at)
       values ($1, $2, $3, $4, $5, now()) returning ${USER_COLUMNS}`,
      [id, email, email !== null && emailVerified === true, email === null ? null : issuer, name],
    )
    await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $3)', [issuer, subject, id])
    if (groups.length > 0) await rememberClaimGroups(tx, id, issuer, groups, use.now())
    await use.audit.record({
      action: 'user.create',
      outcome: 'allow',
      userId: id,
      targetUserId: id,
      bucket: null,
      key: null,
      reason: null,
      detail: { issuer, email },
      origin,
    })
    return toUser(row!)
  })
}

/** Takes over what the issuer now says of them, and notes the sign-in once an hour: most requests write nothing. */
async function refreshed({ database, now }: Use, known: Known, identity: Identity): Promise<User> {
  const { claimGroups, describedElsewhere, ...user } = known
  // One who signs in now with the one identity and now with the other stays the same to others.
  const isSaid = !describedElsewhere
  const { email, emailVerified, emailIssuer } = isSaid ? emailNow(user, identity) : user
  const name = isSaid && !user.nameChosen ? (identity.name ?? user.name) : user.name
  const latest = { email, emailVerified, emailIssuer, name }
  await database.query(
    `update users set email = $2, email_verified = $3, email_issuer = $4, name = $5, last_sign_in_at = now(),
       updated_at = case when email is distinct from $2 or email_verified <> $3 or email_issuer is distinct from $4
         or name is distinct from $5 then now() else updated_at end
     where id = $1 and (email is distinct from $2 or email_verified <> $3 or email_issuer is distinct from $4
       or name is distinct from $5 or last_sign_in_at is null or last_sign_in_at < now() - interval '1 hour')`,
    [user.id, latest.email, latest.emailVerified, latest.emailIssuer, latest.name],
    'user-refresh',
  )
  const remembered = new Set(claimGroups)
  const isSame = remembered.size === identity.groups.length && identity.groups.every((name) => remembered.has(name))
  if (!isSame) {
    await database.transaction((tx) => rememberClaimGroups(tx, user.id, identity.issuer, identity.groups, now()))
  }
  return { ...user, ...latest }
}

function emailNow(
  user: User,
  { issuer, email, emailVerified }: Identity,
): Pick<User, 'email' | 'emailVerified' | 'emailIssuer'> {
  const { email: before, emailVerified: wasVerified, emailIssuer } = user
  const isSameIssuer = emailIssuer === null || emailIssuer === issuer
  // The issuer takes back what it said.
  if (email === null && emailVerified === false && isSameIssuer)
    return { email: null, emailVerified: false, emailIssuer: null }
  // An access token may leave the address out, or say of the same address less than the ID token did.
  if (email === null) return { email: before, emailVerified: wasVerified, emailIssuer }
  const wasSaid = email === before && emailIssuer === issuer && wasVerified
  return { email, emailVerified: emailVerified ?? wasSaid, emailIssuer: issuer }
}
