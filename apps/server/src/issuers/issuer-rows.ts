import type { NewIssuer } from '@skycrate/contract/issuers/schemas'
import type { IssuerId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** What stands in the column `settings`. */
export type StoredSettings = Pick<
  NewIssuer,
  'algorithms' | 'claims' | 'jwksUri' | 'clockToleranceSeconds' | 'adminGroups' | 'scopes' | 'direct' | 'allow'
>

export interface IssuerRow {
  id: IssuerId
  name: string
  issuer: string
  audience: string[]
  client_id: string[]
  client_secret: Buffer | null
  settings: StoredSettings
  created_at: Date
  updated_at: Date
}

const COLUMNS = 'id, name, issuer, audience, client_id, client_secret, settings, created_at, updated_at'

export async function readIssuerRows(sql: Sql): Promise<IssuerRow[]> {
  return sql.query<IssuerRow>(`select ${COLUMNS} from issuers order by id`)
}

/** Held until the transaction ends. */
export async function lockIssuerRow(tx: Sql, id: string): Promise<IssuerRow | undefined> {
  const [row] = await tx.query<IssuerRow>(`select ${COLUMNS} from issuers where id = $1 for update`, [id])
  return row
}

export async function saveIssuerRow(tx: Sql, row: Omit<IssuerRow, 'created_at' | 'updated_at'>): Promise<void> {
  await tx.query(
    `insert into issuers (id, name, issuer, audience, client_id, client_secret, settings)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set name = excluded.name, audience = excluded.audience, client_id = excluded.client_id,
       client_secret = excluded.client_secret, settings = excluded.settings, updated_at = now()`,
    [row.id, row.name, row.issuer, row.audience, row.client_id, row.client_secret, JSON.stringify(row.settings)],
  )
}
