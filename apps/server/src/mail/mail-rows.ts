import type { MailId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import type { Sealing } from '../sealing.ts'
import type { MailAddress } from './mail-address.ts'
import type { MailText, NewMail } from './mail.ts'

export interface StoredMail extends MailText {
  readonly id: MailId
  readonly to: MailAddress | null
  readonly at: Date
  readonly expiresAt: Date
  readonly isExpired: boolean
}

interface Row {
  id: MailId
  recipient: MailAddress | null
  sealed: Buffer
  created_at: Date
  expires_at: Date
  is_expired: boolean
}

const COLUMNS = 'id, recipient, sealed, created_at, expires_at, expires_at <= now() as is_expired'

export async function insertMail(tx: Sql, sealing: Sealing, id: MailId, mail: NewMail): Promise<void> {
  const { to, subject, text, expiresAt } = mail
  await tx.query(
    'insert into mails (id, recipient, sealed, expires_at) values ($1, $2, $3, $4)',
    [id, to, sealing.seal(id, JSON.stringify({ subject, text })), expiresAt.toISOString()],
    'mail-insert',
  )
}

export async function findMail(sql: Sql, sealing: Sealing, id: MailId): Promise<StoredMail | undefined> {
  const [row] = await sql.query<Row>(`select ${COLUMNS} from mails where id = $1`, [id])
  return row && toMail(row, sealing)
}

/** A page of the mails that are still good, newest first. */
export async function listMails(
  sql: Sql,
  sealing: Sealing,
  page: { readonly limit: number; readonly before: MailId | undefined },
): Promise<StoredMail[]> {
  const rows = await sql.query<Row>(
    `select ${COLUMNS} from mails
     where recipient is not null and expires_at > now() and ($2::text is null or id < $2) order by id desc limit $1`,
    [page.limit, page.before ?? null],
  )
  return rows.map((row) => toMail(row, sealing))
}

export async function deleteMail(sql: Sql, id: MailId): Promise<void> {
  await sql.query('delete from mails where id = $1', [id])
}

export async function pruneMails(sql: Sql): Promise<void> {
  await sql.query('delete from mails where expires_at < now()')
}

function toMail(row: Row, sealing: Sealing): StoredMail {
  const { id, recipient: to, created_at: at, expires_at: expiresAt, is_expired: isExpired } = row
  const opened = sealing.open(id, row.sealed)
  if (opened === undefined) throw new Error(`the mail ${id} was sealed with another secret`)
  const { subject, text } = JSON.parse(opened) as MailText
  return { id, to, at, expiresAt, isExpired, subject, text }
}
