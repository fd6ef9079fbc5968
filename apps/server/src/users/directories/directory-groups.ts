import { randomBytes } from 'node:crypto'
import type { AuditDetails } from '@skycrate/contract/audit-actions'
import { isGroupName } from '@skycrate/core/identity/groups-of-claims'
import { createId, type GroupId, isId, type UserId } from '@skycrate/core/naming/id'
import { deletePermissionsOf } from '../../access/delete-permissions-of.ts'
import { changeRecorded } from '../../access/record-change.ts'
import type { NewAuditEvent } from '../../audit/audit-event.ts'
import type { Sql } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/database-error.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Precondition } from '../../precondition.ts'
import { lockGroup, readGroup, renameGroup } from '../group-rows.ts'
import { type ByDirectory, type Directory, type DirectoryUse, groupIssuerOf } from './directory.ts'
import { type DirectoryGroup, findDirectoryGroup, readDirectoryGroups } from './directory-group-rows.ts'
import { type Condition, knownDirectoryUsers } from './directory-user-rows.ts'

/** What a directory says of a group. */
export interface GroupChange {
  /** Undefined: as before. */
  readonly name?: string | undefined
  readonly externalId?: string | null | undefined
  /** In this order. `set`: those and no others. */
  readonly members: readonly { readonly kind: 'add' | 'delete' | 'set'; readonly ids: readonly string[] }[]
}

/** A directory's use cases on its groups. Each change is in the audit log before it holds. */
export interface DirectoryGroups {
  list(
    directory: Directory,
    condition: Condition,
    page: { readonly offset: number; readonly limit: number; readonly withMembers: boolean },
  ): Promise<{ readonly total: number; readonly groups: readonly DirectoryGroup[] }>
  /** @throws AppError `not-found` */
  find(directory: Directory, id: string, withMembers: boolean): Promise<DirectoryGroup>
  /** @throws AppError `conflict` for a name that a group of the directory has, `invalid-request` */
  create(change: GroupChange & { readonly name: string }, by: ByDirectory): Promise<DirectoryGroup>
  /** @throws AppError `not-found`, `conflict`, `invalid-request`, `precondition-failed` */
  change(id: string, change: GroupChange, precondition: Precondition, by: ByDirectory): Promise<void>
  /** With its permissions. @throws AppError `not-found`, `precondition-failed` */
  delete(id: string, precondition: Precondition, by: ByDirectory): Promise<void>
}

/** Members of one group: what an answer with all of them can hold. */
export const MAX_MEMBERS = 100_000
/** Events that are recorded together. */
const BATCH = 500

type GroupAction = 'group.create' | 'group.update' | 'group.delete' | 'group.add-member' | 'group.delete-member'

export function createDirectoryGroups(options: DirectoryUse): DirectoryGroups {
  const { database, audit, now, settled } = options
  type Record = (event: NewAuditEvent) => Promise<void>

  async function required(sql: Sql, directory: Directory, id: string, withMembers: boolean): Promise<DirectoryGroup> {
    const group = isId('grp', id) ? await findDirectoryGroup(sql, directory.id, id, withMembers) : undefined
    if (!group) throw new AppError('not-found')
    return group
  }

  /** @returns whether anybody entered or left */
  async function changeMembers(
    tx: Sql,
    record: Record,
    group: Pick<DirectoryGroup, 'id' | 'name'>,
    members: GroupChange['members'],
    by: ByDirectory,
  ): Promise<boolean> {
    const wanted = new Map<string, boolean>()
    const present = new Set<string>()
    const isWhole = members.some(({ kind }) => kind === 'set')
    const rows = await tx.query<{ user_id: string }>(
      `select user_id from group_members where group_id = $1 and not from_claims
         and ($2::text[] is null or user_id = any($2))`,
      [group.id, isWhole ? null : members.flatMap(({ ids }) => ids)],
    )
    for (const { user_id: id } of rows) present.add(id)
    for (const { kind, ids } of members) {
      if (kind === 'set') for (const id of [...present, ...wanted.keys()]) wanted.set(id, false)
      for (const id of ids) wanted.set(id, kind !== 'delete')
    }
    const entering = [...wanted].flatMap(([id, isMember]) => (isMember && !present.has(id) ? [id] : []))
    const leaving = [...wanted].flatMap(([id, isMember]) => (!isMember && present.has(id) ? [id] : []))
    if (entering.length === 0 && leaving.length === 0) return false
    const [counted] = await tx.query<{ members: number }>(
      'select count(*)::int as members from group_members where group_id = $1 and not from_claims',
      [group.id],
    )
    if (counted!.members + entering.length - leaving.length > MAX_MEMBERS) {
      throw invalid('/members', `are more than ${MAX_MEMBERS}`)
    }
    const known = await knownDirectoryUsers(tx, by.directory.id, entering)
    const unknown = entering.find((id) => !known.has(id))
    if (unknown !== undefined)
      throw invalid('/members', `names ${unknown.slice(0, 64)}, who is no user of this directory`)
    // In order, so that two changes at once don't wait for each other in a circle.
    const moved = [...entering, ...leaving]
    await tx.query('select 1 from users where id = any($1::text[]) order by id for no key update', [moved])
    await tx.query(
      `insert into group_members (group_id, user_id, from_claims) select $1, id, false from unnest($2::text[]) as t (id)
       on conflict (group_id, user_id) do update set from_claims = false`,
      [group.id, entering],
    )
    await tx.query('delete from group_members where group_id = $1 and user_id = any($2::text[])', [group.id, leaving])
    await tx.query('update users set updated_at = now() where id = any($1::text[])', [moved])
    const events = [
      ...entering.map((id) => eventOf('group.add-member', group, by, {}, id as UserId)),
      ...leaving.map((id) => eventOf('group.delete-member', group, by, {}, id as UserId)),
    ]
    for (let at = 0; at < events.length; at += BATCH) await Promise.all(events.slice(at, at + BATCH).map(record))
    return true
  }

  return {
    list: (directory, condition, page) => readDirectoryGroups(database, directory.id, condition, page),
    find: (directory, id, withMembers) => required(database, directory, id, withMembers),

    async create({ name: given, externalId = null, members }, by) {
      const { directory } = by
      const name = checked(given)
      const group = await changeRecorded(options, async (tx, record) => {
        // A group that tokens have named becomes the directory's.
        const rows = await tx.query<{ id: GroupId }>(
          `insert into groups (id, name, issuer, directory_id, external_id) values ($1, $2, $3, $4, $5)
           on conflict (name, issuer) do update
             set directory_id = excluded.directory_id, external_id = excluded.external_id, updated_at = now()
             where groups.directory_id is null
           returning id`,
          [createId('grp', now(), randomBytes(10)), name, groupIssuerOf(directory), directory.id, externalId],
        )
        const id = rows[0]?.id
        if (id === undefined) throw nameTaken()
        await record(eventOf('group.create', { id, name }, by, { changed: { name, externalId } }))
        await changeMembers(tx, record, { id, name }, members, by)
        return required(tx, directory, id, true)
      })
      await settled()
      return group
    },

    async change(id, { name: given, externalId, members }, precondition, by) {
      const { directory } = by
      const isChanged = await changeRecorded(options, async (tx, record) => {
        const group = await locked(tx, directory, id, precondition)
        const name = given === undefined ? group.name : checked(given)
        const external = externalId === undefined ? group.externalId : externalId
        const isNew = name !== group.name || external !== group.externalId
        if (isNew) {
          const row = (await readGroup(tx, group.id))!
          try {
            await renameGroup(tx, row, {
              name,
              description: row.description,
              requiresSecondFactor: row.requires_second_factor,
            })
          } catch (error) {
            throw isUniqueViolation(error) ? nameTaken() : error
          }
          await tx.query('update groups set external_id = $2 where id = $1', [group.id, external])
          const changed = { name, externalId: external }
          const before = { name: group.name, externalId: group.externalId }
          await record(eventOf('group.update', group, by, { changed, before }))
        }
        const isMoved = members.length > 0 && (await changeMembers(tx, record, { id: group.id, name }, members, by))
        if (isMoved) await tx.query('update groups set updated_at = now() where id = $1', [group.id])
        return isNew || isMoved
      })
      if (isChanged) await settled()
    },

    async delete(id, precondition, by) {
      const { directory } = by
      await changeRecorded(options, async (tx, record) => {
        const group = await locked(tx, directory, id, precondition)
        const author = { userId: null, origin: by.origin }
        await deletePermissionsOf(tx, 'group', group.name, { audit, by: author }, groupIssuerOf(directory))
        await tx.query('delete from groups where id = $1', [group.id])
        await record(eventOf('group.delete', group, by, {}))
      })
      await settled()
    },
  }

  async function locked(
    tx: Sql,
    directory: Directory,
    id: string,
    precondition: Precondition,
  ): Promise<DirectoryGroup> {
    if (isId('grp', id)) await lockGroup(tx, id)
    const group = await required(tx, directory, id, false)
    precondition(group.updatedAt)
    return group
  }
}

function eventOf(
  action: GroupAction,
  group: Pick<DirectoryGroup, 'id' | 'name'>,
  { directory, origin }: ByDirectory,
  detail: Omit<AuditDetails['group'], 'groupId' | 'name'>,
  member?: UserId,
): NewAuditEvent {
  return {
    action,
    outcome: 'allow',
    userId: null,
    targetUserId: member ?? null,
    bucket: null,
    key: null,
    reason: null,
    detail: { groupId: group.id, name: group.name, directoryId: directory.id, ...detail },
    origin,
  }
}

/** A name that reads like an id would be taken for one. */
function checked(given: string): string {
  const name = given.trim().normalize('NFC')
  if (!isGroupName(name)) throw invalid('/displayName', 'must be a text of 1 to 256 characters')
  if (isId('grp', name)) throw invalid('/displayName', 'reads like the id of a group')
  return name
}

const nameTaken = (): AppError => new AppError('conflict', 'There is a group of this displayName already.')
const invalid = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
