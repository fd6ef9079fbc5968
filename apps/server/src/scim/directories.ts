import { randomBytes } from 'node:crypto'
import type * as Contract from '@skycrate/contract/directories/schemas'
import { createId, type DirectoryId, isId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditDetails } from '@skycrate/contract/audit-actions'
import type { AuditLog, NewAuditEvent } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { isUniqueViolation } from '../db/database-error.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import { groupIssuerOf } from '../users/directories/directory.ts'
import { releaseGroups } from '../users/directories/release-groups.ts'
import type { ByUser } from '../users/users-options.ts'
import { type DirectoryToken, hashDirectoryToken, newDirectoryToken } from './directory-token.ts'

/** An administrator's use cases on directories. */
export interface Directories {
  list(): Promise<Contract.Directories>
  /** @throws AppError `not-found` */
  find(id: string): Promise<Contract.Directory>
  /** @throws AppError `invalid-request`, `conflict` */
  create(body: Contract.NewDirectory, by: ByUser): Promise<Contract.CreatedDirectory>
  /** @throws AppError `not-found`, `precondition-failed`, `conflict` */
  rename(
    id: string,
    body: Contract.DirectoryChange,
    precondition: Precondition,
    by: ByUser,
  ): Promise<Contract.Directory>
  /** Its users stay as they are, and leave its groups. @throws AppError `not-found`, `precondition-failed` */
  delete(id: string, precondition: Precondition, by: ByUser): Promise<void>
  /** The token before is refused from now on. @throws AppError `not-found` */
  createToken(id: string, by: ByUser): Promise<Contract.CreatedDirectory>
  /** @throws AppError `not-found` */
  deleteToken(id: string, by: ByUser): Promise<void>
}

/** A name in a company for each of its sign-ins; more is a mistake. */
const MAX_DIRECTORIES = 100

interface Row {
  id: DirectoryId
  name: string
  issuer: string | null
  match_by: Contract.Directory['matchBy']
  has_token: boolean
  token_created_at: Date | null
  token_used_at: Date | null
  users: number
  groups: number
  created_at: Date
  updated_at: Date
}

const COLUMNS = `d.id, d.name, d.issuer, d.match_by, d.token_hash is not null as has_token, d.token_created_at,
  d.token_used_at, d.created_at, d.updated_at,
  (select count(*)::int from directory_users u where u.directory_id = d.id and u.deleted_at is null) as users,
  (select count(*)::int from groups g where g.directory_id = d.id) as groups`

export function createDirectories(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  readonly settled: () => Promise<void>
  readonly publicUrl: string
  /** Whether its tokens are accepted. */
  readonly isIssuer: (issuer: string) => boolean
}): Directories {
  const { database, audit, now, settled, publicUrl, isIssuer } = options

  async function read(sql: Sql, id: string, lock = ''): Promise<Row> {
    const [row] = isId('dir', id)
      ? await sql.query<Row>(`select ${COLUMNS} from directories d where d.id = $1 ${lock}`, [id])
      : []
    if (!row) throw new AppError('not-found')
    return row
  }

  const toView = (row: Row): Contract.Directory => ({
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    matchBy: row.match_by,
    groupIssuer: groupIssuerOf(row),
    url: `${publicUrl.replace(/\/$/, '')}/scim/v2`,
    token: row.has_token
      ? { createdAt: row.token_created_at!.toISOString(), lastUsedAt: row.token_used_at?.toISOString() ?? null }
      : null,
    userCount: row.users,
    groupCount: row.groups,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  })

  async function setToken(tx: Sql, id: string, token: DirectoryToken | null): Promise<void> {
    await tx.query(
      `update directories set token_hash = $2, token_used_at = null, updated_at = now(),
         token_created_at = case when $2::bytea is null then null else now() end
       where id = $1`,
      [id, token === null ? null : hashDirectoryToken(token)],
    )
  }

  return {
    async list() {
      const rows = await database.query<Row>(`select ${COLUMNS} from directories d order by lower(d.name)`)
      return { directories: rows.map(toView) }
    },

    find: async (id) => toView(await read(database, id)),

    async create(body, by) {
      const { name, issuer, matchBy } = checked(body, isIssuer)
      return taken(() =>
        changeRecorded(options, async (tx, record) => {
          const [counted] = await tx.query<{ directories: number }>(
            'select count(*)::int as directories from directories',
          )
          if (counted!.directories >= MAX_DIRECTORIES) {
            throw new AppError('conflict', `There are ${MAX_DIRECTORIES} directories already.`)
          }
          const id = createId('dir', now(), randomBytes(10))
          await tx.query('insert into directories (id, name, issuer, match_by) values ($1, $2, $3, $4)', [
            id,
            name,
            issuer,
            matchBy,
          ])
          const secret = newDirectoryToken()
          await setToken(tx, id, secret)
          await record(eventOf('directory.create', { id, name }, by, { issuer, changed: { matchBy } }))
          return { ...toView(await read(tx, id)), secret }
        }),
      )
    },

    async rename(id, body, precondition, by) {
      const name = nameOf(body.name)
      return taken(() =>
        changeRecorded(options, async (tx, record) => {
          const before = await read(tx, id, 'for update')
          precondition(before.updated_at)
          await tx.query('update directories set name = $2, updated_at = now() where id = $1', [id, name])
          const detail = { changed: { name }, before: { name: before.name } }
          await record(eventOf('directory.update', { id: before.id, name }, by, detail))
          return toView(await read(tx, id))
        }),
      )
    },

    async delete(id, precondition, by) {
      await changeRecorded(options, async (tx, record) => {
        const row = await read(tx, id, 'for update')
        precondition(row.updated_at)
        const directory = { id: row.id, name: row.name, issuer: row.issuer, matchBy: row.match_by }
        const groups = await releaseGroups(tx, directory, audit, by)
        await tx.query('delete from directories where id = $1', [id])
        await record(eventOf('directory.delete', row, by, { issuer: row.issuer, users: row.users, groups }))
      })
      await settled()
    },

    createToken: (id, by) =>
      changeRecorded(options, async (tx, record) => {
        const row = await read(tx, id, 'for update')
        const secret = newDirectoryToken()
        await setToken(tx, id, secret)
        await record(eventOf('directory.create-token', row, by, {}))
        return { ...toView(await read(tx, id)), secret }
      }),

    async deleteToken(id, by) {
      await changeRecorded(options, async (tx, record) => {
        const row = await read(tx, id, 'for update')
        await setToken(tx, id, null)
        await record(eventOf('directory.delete-token', row, by, {}))
      })
    },
  }
}

type DirectoryAction = Extract<NewAuditEvent['action'], `directory.${string}`>

function eventOf(
  action: DirectoryAction,
  { id, name }: Pick<Row, 'id' | 'name'>,
  { userId, origin }: ByUser,
  detail: AuditDetails['directory'],
): NewAuditEvent {
  return {
    action,
    outcome: 'allow',
    userId,
    bucket: null,
    key: null,
    reason: null,
    detail: { directoryId: id, name, ...detail },
    origin,
  }
}

function checked(body: Contract.NewDirectory, isIssuer: (issuer: string) => boolean) {
  const name = nameOf(body.name)
  const issuer = body.issuer ?? null
  const matchBy = body.matchBy ?? (issuer === null ? 'email' : 'external-id')
  if (issuer !== null && !isIssuer(issuer)) throw invalid('/issuer', 'is no issuer that this server accepts')
  if (issuer === null && matchBy === 'external-id') throw invalid('/matchBy', 'external-id needs an issuer')
  return { name, issuer, matchBy }
}

function nameOf(given: string): string {
  const name = given.trim().normalize('NFC')
  if (name === '') throw invalid('/name', 'is empty')
  if (!name.isWellFormed()) throw invalid('/name', 'is not valid Unicode')
  return name
}

async function taken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    const { constraint } = error
    throw new AppError(
      'conflict',
      constraint === 'directories_issuer'
        ? 'There is a directory for this issuer already.'
        : 'There is a directory of this name already.',
    )
  }
}

const invalid = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
