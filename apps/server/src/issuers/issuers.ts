import { randomBytes } from 'node:crypto'
import type * as Contract from '@skycrate/contract/issuers/schemas'
import { createId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit-event.ts'
import { toSettings } from '../config/issuers.ts'
import type { Database, Sql } from '../db/database.ts'
import { isUniqueViolation } from '../db/database-error.ts'
import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'
import type { Sealing } from '../sealing.ts'
import type { ByUser } from '../users/users-options.ts'
import { checkIssuer } from './check-issuer.ts'
import type { IssuerRegistry, RegisteredIssuer } from './issuer-registry.ts'
import { type IssuerRow, lockIssuerRow, readIssuerRows, saveIssuerRow } from './issuer-rows.ts'
import { defaultName } from './registered-issuer.ts'
import { testIssuer } from './test-issuer.ts'

/** An administrator who asks, and whose tokens they come with. */
export interface ByAdministrator extends ByUser {
  readonly issuer: string
}

/** An administrator's use cases on issuers. Those of the configuration can only be looked at. */
export interface Issuers {
  list(): Promise<Contract.Issuers>
  /** @throws AppError `not-found` */
  find(id: string): Promise<Contract.Issuer>
  /** @throws AppError `invalid-request`, `conflict` for an issuer that is there */
  create(body: Contract.NewIssuer, by: ByUser): Promise<Contract.Issuer>
  /** @throws AppError `not-found`, `invalid-request`, `conflict`, `precondition-failed` */
  update(id: string, body: Contract.NewIssuer, precondition: Precondition, by: ByUser): Promise<Contract.Issuer>
  /** Its users stay, and can't sign in by it. @throws AppError `not-found`, `conflict`, `precondition-failed` */
  delete(id: string, precondition: Precondition, by: ByAdministrator): Promise<void>
  /** @throws AppError `not-found`, `invalid-request` */
  test(body: Contract.IssuerTest, by: ByUser): Promise<Contract.IssuerReport>
}

const MAX_ISSUERS = 64

export function createIssuers(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  readonly settled: () => Promise<void>
  readonly registry: IssuerRegistry
  readonly sealing: Sealing
  readonly publicUrl: string
  readonly allowInsecureLoopback: boolean
}): Issuers {
  const { database, audit, now, settled, registry, sealing, publicUrl, allowInsecureLoopback } = options

  async function views(): Promise<Contract.Issuer[]> {
    await registry.current()
    const rows = new Map((await readIssuerRows(database)).map((row) => [row.id as string, row]))
    const shown = registry.list()
    const counts = await database.query<{ issuer: string; users: number }>(
      `select issuer, count(*)::int as users from identities where issuer = any($1::text[]) group by issuer`,
      [shown.map(({ settings }) => settings.issuer)],
    )
    const users = new Map(counts.map((each) => [each.issuer, each.users]))
    return shown.map((issuer) => toView(issuer, rows.get(issuer.id), users.get(issuer.settings.issuer) ?? 0))
  }

  async function find(id: string): Promise<Contract.Issuer> {
    const found = (await views()).find((each) => each.id === id)
    if (!found) throw new AppError('not-found')
    return found
  }

  async function required(tx: Sql, id: string, precondition: Precondition): Promise<IssuerRow> {
    if (registry.byId(id)?.source === 'configuration') {
      throw new AppError('conflict', 'This issuer stands in the configuration, where the operator changes it.')
    }
    const row = await lockIssuerRow(tx, id)
    if (!row) throw new AppError('not-found')
    precondition(row.updated_at)
    return row
  }

  return {
    list: async () => ({ issuers: await views() }),
    find,

    async create(body, by) {
      checkIssuer(body, { allowInsecureLoopback, own: publicUrl })
      if (registry.byIssuer(body.issuer)) throw taken()
      const id = createId('iss', now(), randomBytes(10))
      const { clientSecret: secret } = body
      const row = { id, ...columnsOf(body), client_secret: secret ? sealing.seal(id, secret) : null }
      try {
        await changeRecorded(options, async (tx, record) => {
          const [counted] = await tx.query<{ issuers: number }>('select count(*)::int as issuers from issuers')
          if (counted!.issuers >= MAX_ISSUERS)
            throw new AppError('conflict', `There are ${MAX_ISSUERS} issuers already.`)
          await saveIssuerRow(tx, row)
          await record(eventOf('issuer.create', row, by, { changed: told(row) }))
        })
      } catch (error) {
        throw isUniqueViolation(error) ? taken() : error
      }
      await settled()
      return find(id)
    },

    async update(id, body, precondition, by) {
      checkIssuer(body, { allowInsecureLoopback, own: publicUrl })
      await changeRecorded(options, async (tx, record) => {
        const before = await required(tx, id, precondition)
        if (body.issuer !== before.issuer) {
          const message = 'stays, since it is part of the identities of its users: add another issuer instead'
          throw new AppError('invalid-request', undefined, { errors: [{ path: '/issuer', message }] })
        }
        const { clientSecret: secret } = body
        const sealed =
          secret === undefined ? before.client_secret : secret === null ? null : sealing.seal(before.id, secret)
        const row = { id: before.id, ...columnsOf(body), client_secret: body.clientId === undefined ? null : sealed }
        await saveIssuerRow(tx, row)
        const detail = { changed: told(row), before: told(before) }
        await record(eventOf('issuer.update', row, by, detail))
      })
      await settled()
      return find(id)
    },

    async delete(id, precondition, by) {
      await changeRecorded(options, async (tx, record) => {
        const row = await required(tx, id, precondition)
        if (row.issuer === by.issuer) {
          throw new AppError('conflict', 'You are signed in through this issuer, and would shut yourself out.')
        }
        await tx.query('delete from issuers where id = $1', [id])
        await record(eventOf('issuer.delete', row, by, { before: told(row) }))
      })
      await settled()
    },

    async test({ id, issuer, token }, by) {
      if ((id === undefined) === (issuer === undefined)) {
        const message = 'needs either id or issuer'
        throw new AppError('invalid-request', undefined, { errors: [{ path: '', message }] })
      }
      if (issuer) checkIssuer(issuer, { allowInsecureLoopback, own: publicUrl })
      await registry.current()
      const { clientSecret: _, ...given } = issuer ?? { issuer: '' }
      const settings = issuer ? toSettings(given) : registry.byId(id!)?.settings
      if (!settings) throw new AppError('not-found')
      await audit.record(eventOf('issuer.test', { id, issuer: settings.issuer }, by, {}))
      return testIssuer({ settings, token, allowInsecureLoopback, now: now() })
    },
  }
}

const taken = (): AppError => new AppError('conflict', 'This issuer is there already.')
const listOf = (value: string | readonly string[] | undefined): string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : [...value]

function columnsOf(body: Contract.NewIssuer) {
  const { name, issuer, audience, clientId, clientSecret: _, ...settings } = body
  return {
    name: name?.trim() || defaultName(issuer),
    issuer,
    audience: listOf(audience),
    client_id: listOf(clientId),
    settings,
  }
}

/** What the audit log keeps: everything but the secret. */
function told(row: Pick<IssuerRow, 'name' | 'audience' | 'client_id' | 'client_secret' | 'settings'>) {
  const { name, audience, client_id: clientId, settings } = row
  return { name, audience, clientId, hasClientSecret: row.client_secret !== null, ...settings }
}

function toView({ id, name, source, settings, client }: RegisteredIssuer, row: IssuerRow | undefined, users: number) {
  const view: Contract.Issuer = {
    id,
    name,
    source,
    issuer: settings.issuer,
    audience: [...(settings.audience ?? [])],
    clientId: [...(settings.clientId ?? [])],
    hasClientSecret: row ? row.client_secret !== null : client?.secret !== undefined,
    algorithms: [...settings.algorithms],
    claims: settings.claims as Contract.Issuer['claims'],
    ...(settings.jwksUri === undefined ? {} : { jwksUri: settings.jwksUri }),
    clockToleranceSeconds: settings.clockToleranceSeconds,
    adminGroups: [...settings.adminGroups],
    ...(settings.scopes && { scopes: [...settings.scopes] }),
    ...(settings.direct && { direct: true }),
    ...(settings.allow === undefined ? {} : { allow: settings.allow as NonNullable<Contract.Issuer['allow']> }),
    userCount: users,
    ...(row ? { createdAt: row.created_at.toISOString(), updatedAt: row.updated_at.toISOString() } : {}),
  }
  return view
}

function eventOf(
  action: Extract<NewAuditEvent['action'], `issuer.${string}`>,
  { id, issuer }: { readonly id?: string | undefined; readonly issuer: string },
  { userId, origin }: ByUser,
  detail: { readonly changed?: Readonly<Record<string, unknown>>; readonly before?: Readonly<Record<string, unknown>> },
): NewAuditEvent {
  return {
    action,
    outcome: 'allow',
    userId,
    bucket: null,
    key: null,
    reason: null,
    detail: { ...(id === undefined ? {} : { issuerId: id }), issuer, ...detail },
    origin,
  }
}
