import { randomBytes } from 'node:crypto'
import type {
  Group as GroupView,
  GroupChange,
  GroupMember,
  GroupMembers,
  Groups as GroupPage,
  GroupsQuery,
  GroupSummary,
} from '@skycrate/contract/groups/schemas'
import { createId, type GroupId, isId, type UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import { deletePermissionsOf } from '../access/delete-permissions-of.ts'
import type { AuditDetails } from '@skycrate/contract/audit-actions'
import type { AuditLog, NewAuditEvent } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { isUniqueViolation } from '../db/database-error.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import {
  type GroupRow,
  insertGroup,
  lockGroup,
  readGroup,
  readGroupPage,
  readMembers,
  renameGroup,
  toSummary,
} from './group-rows.ts'
import type { ByUser } from './users-options.ts'

export interface GroupsOptions {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  /** Resolves once every process grants what was given before, and no process what was taken before. */
  readonly settled: () => Promise<void>
}

/** An administrator's use cases on groups. Groups of tokens can be looked at; only SkyCrate's own can be changed. */
export interface Groups {
  /** @throws AppError `invalid-cursor` */
  list(query: GroupsQuery): Promise<GroupPage>
  /** @throws AppError `not-found` */
  find(id: string): Promise<GroupView>
  /** @throws AppError `invalid-request`, `conflict` for a name that a group has */
  create(body: GroupChange, by: ByUser): Promise<GroupView>
  /** @throws AppError `not-found`, `precondition-failed`, `conflict`, `invalid-request` */
  update(id: string, body: GroupChange, precondition: Precondition, by: ByUser): Promise<GroupView>
  /** With its permissions. @throws AppError `not-found`, `precondition-failed` */
  delete(id: string, precondition: Precondition, by: ByUser): Promise<void>
  /** @throws AppError `not-found`, `invalid-cursor` */
  members(id: string, limit: number, cursor: string | undefined): Promise<GroupMembers>
  /** @throws AppError `not-found`, `conflict` */
  addMember(id: string, userId: string, by: ByUser): Promise<void>
  /** @throws AppError `not-found`, `conflict` */
  deleteMember(id: string, userId: string, by: ByUser): Promise<void>
}

/** Members that the answer about one group holds. */
const MEMBERS_SHOWN = 1000

type GroupAction = 'group.create' | 'group.update' | 'group.delete' | 'group.add-member' | 'group.delete-member'

export function createGroups(options: GroupsOptions): Groups {
  const { database, audit, now, settled } = options

  async function view(sql: Sql, row: GroupRow): Promise<GroupView> {
    return { ...toSummary(row), members: await readMembers(sql, row.id, MEMBERS_SHOWN) }
  }

  async function find(id: string): Promise<GroupView> {
    return view(database, await required(database, id))
  }

  /** A change of a group of SkyCrate, under its lock. */
  async function changed<T>(
    id: string,
    precondition: Precondition,
    work: (tx: Sql, group: GroupRow, record: (event: NewAuditEvent) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const groupId = requireGroupId(id)
    return changeRecorded(options, async (tx, record) => {
      await lockGroup(tx, groupId)
      const group = await required(tx, groupId)
      precondition(group.updated_at)
      return work(tx, group, record)
    })
  }

  async function changeMember(
    id: string,
    member: string,
    by: ByUser,
    action: 'group.add-member' | 'group.delete-member',
  ) {
    if (!isId('usr', member)) throw new AppError('not-found')
    await changed(id, anyVersion, async (tx, group, record) => {
      requireOwn(group)
      const isThere = await tx.query(`select 1 from users where id = $1 and state not in ('deleting', 'deleted')`, [
        member,
      ])
      if (isThere.length === 0) throw new AppError('not-found')
      const rows = await tx.query(
        action === 'group.add-member'
          ? `insert into group_members (group_id, user_id, from_claims) values ($1, $2, false)
             on conflict do nothing returning user_id`
          : 'delete from group_members where group_id = $1 and user_id = $2 returning user_id',
        [group.id, member],
      )
      if (rows.length === 0) return
      await tx.query('update users set updated_at = now() where id = $1', [member])
      await tx.query('update groups set updated_at = now() where id = $1', [group.id])
      await record(eventOf(action, group, by, {}, member))
    })
    await settled()
  }

  return {
    find,

    async list(query) {
      return readGroupPage(database, query)
    },

    async create(body, by) {
      const { name, description = '', requiresSecondFactor = false } = checked(body)
      const fields = { name, description, requiresSecondFactor }
      const id = createId('grp', now(), randomBytes(10))
      return nameTaken(() =>
        changeRecorded(options, async (tx, record) => {
          const row = await insertGroup(tx, { id, ...fields })
          await record(eventOf('group.create', row, by, { changed: fields }))
          return view(tx, row)
        }),
      )
    },

    async update(id, body, precondition, by) {
      const { name, description = '' } = checked(body)
      const after = await nameTaken(() =>
        changed(id, precondition, async (tx, group, record) => {
          // What an issuer calls a group is the issuer's.
          const { requiresSecondFactor = group.requires_second_factor } = body
          if (name !== group.name || requiresSecondFactor !== group.requires_second_factor) requireOwn(group)
          const fields = { name, description, requiresSecondFactor }
          await renameGroup(tx, group, fields)
          const before = {
            name: group.name,
            description: group.description,
            requiresSecondFactor: group.requires_second_factor,
          }
          await record(eventOf('group.update', group, by, { changed: fields, before }))
          return view(tx, await required(tx, group.id))
        }),
      )
      await settled()
      return after
    },

    async delete(id, precondition, by) {
      await changed(id, precondition, async (tx, group, record) => {
        const members = await tx.query<{ user_id: UserId }>(
          `select user_id from group_members where group_id = $1 order by user_id limit ${MEMBERS_SHOWN}`,
          [group.id],
        )
        // A group of a token is one that nobody was in: it comes back with the next token that names it.
        if (group.issuer === null) await deletePermissionsOf(tx, 'group', group.name, { audit, by })
        await tx.query('delete from groups where id = $1', [group.id])
        await record(eventOf('group.delete', group, by, { memberIds: members.map(({ user_id: each }) => each) }))
      })
      await settled()
    },

    async members(id, limit, cursor) {
      if (cursor !== undefined && !isId('usr', cursor)) throw new AppError('invalid-cursor')
      const group = await required(database, id)
      const rows: GroupMember[] = await readMembers(database, group.id, limit + 1, cursor)
      const page = rows.slice(0, limit)
      return { members: page, nextCursor: rows.length > limit ? page.at(-1)!.id : null }
    },

    addMember: (id, userId, by) => changeMember(id, userId, by, 'group.add-member'),
    deleteMember: (id, userId, by) => changeMember(id, userId, by, 'group.delete-member'),
  }
}

const anyVersion: Precondition = () => undefined

function eventOf(
  action: GroupAction,
  group: Pick<GroupSummary, 'name'> & { readonly id: string },
  by: ByUser,
  detail: Omit<AuditDetails['group'], 'groupId' | 'name'>,
  member?: UserId,
): NewAuditEvent {
  return {
    action,
    outcome: 'allow',
    userId: by.userId,
    targetUserId: member ?? null,
    bucket: null,
    key: null,
    reason: null,
    detail: { groupId: group.id, name: group.name, ...detail },
    origin: by.origin,
  }
}

async function required(sql: Sql, id: string): Promise<GroupRow> {
  const row = await readGroup(sql, requireGroupId(id))
  if (!row) throw new AppError('not-found')
  return row
}

function requireGroupId(id: string): GroupId {
  if (!isId('grp', id)) throw new AppError('not-found')
  return id
}

function requireOwn(group: GroupRow): void {
  if (group.issuer === null) return
  throw new AppError('conflict', 'This group comes from an issuer, which alone says its name and members.')
}

/** A name that reads like an id would be taken for one. */
function checked(body: GroupChange): GroupChange {
  const name = body.name.trim().normalize('NFC')
  const message = !name.isWellFormed()
    ? 'is not valid Unicode'
    : name === ''
      ? 'is empty'
      : isId('grp', name)
        ? 'reads like the id of a group'
        : undefined
  if (message !== undefined) throw new AppError('invalid-request', undefined, { errors: [{ path: '/name', message }] })
  return { ...body, name }
}

async function nameTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('conflict', 'There is a group of this name already.')
  }
}
