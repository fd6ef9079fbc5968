import { createHmac, hkdfSync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { createId, type MailCodeId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

export type MailCodeKind = 'sign-up' | 'reset-password'

/** Milliseconds that a code is good for. */
const LASTS_MS = 10 * 60_000
/** Wrong codes after which none is right any more. */
const TRIES = 5
/** What a sign-up asked for is kept for so long, so that a new code can be sent. */
const KEPT = "interval '1 hour'"

export interface MailCodeRequest {
  readonly kind: MailCodeKind
  readonly email: string
  readonly address: string
  /** Whether there is a mail with it. Otherwise no code is the right one. */
  readonly isReal: boolean
  readonly name?: string | null
  readonly passwordHash?: string
  readonly userId?: UserId | undefined
}

export interface IssuedCode {
  readonly id: MailCodeId
  readonly code: string
  readonly expiresAt: Date
}

export interface RightCode {
  readonly id: MailCodeId
  readonly email: string
  readonly name: string | null
  readonly passwordHash: string | null
  readonly userId: UserId | null
}

/** Codes of six digits by mail: ten minutes, five tries, and only their keyed hash is stored. */
export interface MailCodes {
  issue(tx: Sql, request: MailCodeRequest): Promise<IssuedCode>
  /** A new code for an attempt, with all its tries. @returns undefined where there is none */
  renew(
    tx: Sql,
    kind: MailCodeKind,
    of: { readonly address: string; readonly id: string | undefined },
  ): Promise<(IssuedCode & { readonly isReal: boolean; readonly email: string }) | undefined>
  /** Counts the try before it looks. @param of the newest attempt, where `id` says no other */
  check(
    sql: Sql,
    kind: MailCodeKind,
    of: { readonly address: string; readonly id: string | undefined },
    code: string,
  ): Promise<RightCode | undefined>
  /** Whether the newest attempt has a try left and has not expired. */
  isOpen(sql: Sql, kind: MailCodeKind, address: string): Promise<boolean>
  /** Of the newest sign-up, whether there is a mail with its code or not. */
  passwordHashOf(sql: Sql, address: string): Promise<string | undefined>
}

interface Row {
  id: MailCodeId
  email: string
  code_hash: Buffer
  is_real: boolean
  name: string | null
  password_hash: string | null
  user_id: UserId | null
}

const NEWEST = `select id from mail_codes
  where address = $1 and kind = $2 and ($3::text is null or id = $3) and created_at > now() - ${KEPT}
  order by id desc limit 1`

/** @param secret the server's: who reads the database can't try out a million codes without it */
export function createMailCodes(secret: string, now: () => number): MailCodes {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'skycrate mail codes', 32))
  const hashOf = (id: MailCodeId, code: string): Buffer => createHmac('sha256', key).update(`${id} ${code}`).digest()
  const expiry = (): Date => new Date(now() + LASTS_MS)
  const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0')

  return {
    async issue(tx, { kind, email, address, isReal, name = null, passwordHash = null, userId = null }) {
      const id: MailCodeId = createId('cod', now(), randomBytes(10))
      const [code, expiresAt] = [newCode(), expiry()]
      const hash = isReal ? hashOf(id, code) : randomBytes(32)
      await tx.query(
        `insert into mail_codes
           (id, kind, email, address, code_hash, is_real, tries_left, name, password_hash, user_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [id, kind, email, address, hash, isReal, TRIES, name, passwordHash, userId, expiresAt.toISOString()],
      )
      return { id, code, expiresAt }
    },

    async renew(tx, kind, { address, id: wanted }) {
      const [row] = await tx.query<Row>(`select * from mail_codes where id = (${NEWEST}) for update`, [
        address,
        kind,
        wanted ?? null,
      ])
      if (!row) return undefined
      const { id, email, is_real: isReal } = row
      const [code, expiresAt] = [newCode(), expiry()]
      await tx.query('update mail_codes set code_hash = $2, tries_left = $3, expires_at = $4 where id = $1', [
        id,
        isReal ? hashOf(id, code) : randomBytes(32),
        TRIES,
        expiresAt.toISOString(),
      ])
      return { id, code, expiresAt, isReal, email }
    },

    async check(sql, kind, { address, id: wanted }, code) {
      const [row] = await sql.query<Row>(
        `update mail_codes set tries_left = tries_left - 1
         where id = (${NEWEST}) and tries_left > 0 and expires_at > now()
         returning id, email, code_hash, is_real, name, password_hash, user_id`,
        [address, kind, wanted ?? null],
      )
      if (!row || !timingSafeEqual(row.code_hash, hashOf(row.id, code))) return undefined
      const { id, email, name, password_hash: passwordHash, user_id: userId } = row
      return { id, email, name, passwordHash, userId }
    },

    async isOpen(sql, kind, address) {
      const rows = await sql.query(
        `select 1 from mail_codes where id = (${NEWEST}) and tries_left > 0 and expires_at > now()`,
        [address, kind, null],
      )
      return rows.length > 0
    },

    async passwordHashOf(sql, address) {
      const [row] = await sql.query<{ password_hash: string | null }>(
        `select password_hash from mail_codes where id = (${NEWEST})`,
        [address, 'sign-up', null],
      )
      return row?.password_hash ?? undefined
    },
  }
}

/** Ends every attempt of the address. @returns whether this one was there: of two who use it at once, one does */
export async function useMailCode(tx: Sql, kind: MailCodeKind, address: string, id: MailCodeId): Promise<boolean> {
  const used = await tx.query<{ id: MailCodeId }>(
    'delete from mail_codes where address = $1 and kind = $2 returning id',
    [address, kind],
  )
  return used.some((each) => each.id === id)
}

export async function pruneMailCodes(sql: Sql): Promise<void> {
  await sql.query(`delete from mail_codes where created_at < now() - ${KEPT}`)
}
