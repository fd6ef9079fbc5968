import type { Passkey } from '@skycrate/contract/factors/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../../db/database.ts'

/** What a user has beside a password. */
export interface HeldFactors {
  readonly totpCreatedAt: Date | undefined
  readonly recoveryCodesLeft: number
  readonly passkeyIds: readonly string[]
}

export async function findFactors(sql: Sql, userId: UserId): Promise<HeldFactors> {
  const [row] = await sql.query<{ totp_at: Date | null; codes: number; passkeys: string[] }>(
    `select (select created_at from credentials where user_id = $1 and kind = 'totp') as totp_at,
       coalesce((select jsonb_array_length(data -> 'hashes') from credentials
         where user_id = $1 and kind = 'recovery-codes'), 0) as codes,
       array(select id from passkeys where user_id = $1 order by created_at, id) as passkeys`,
    [userId],
    'factors-held',
  )
  return { totpCreatedAt: row!.totp_at ?? undefined, recoveryCodesLeft: row!.codes, passkeyIds: row!.passkeys }
}

/** Recovery codes stand in for a factor; alone they are none. */
export const hasSecondFactor = ({ totpCreatedAt, passkeyIds }: HeldFactors): boolean =>
  totpCreatedAt !== undefined || passkeyIds.length > 0

type SealedKind = 'totp' | 'new-totp'

/** @param sealed in base64url */
export async function setNewTotp(tx: Sql, userId: UserId, sealed: string): Promise<void> {
  await tx.query(
    `insert into credentials (user_id, kind, data) values ($1, 'new-totp', jsonb_build_object('secret', $2::text))
     on conflict (user_id, kind) do update set data = excluded.data, created_at = now(), updated_at = now()`,
    [userId, sealed],
  )
}

/** The sealed secret. One that waits for its first code is forgotten after an hour. */
export async function findTotp(sql: Sql, userId: UserId, kind: SealedKind): Promise<string | undefined> {
  const [row] = await sql.query<{ secret: string }>(
    `select data ->> 'secret' as secret from credentials
     where user_id = $1 and kind = $2 and ($2 = 'totp' or created_at > now() - interval '1 hour')`,
    [userId, kind],
  )
  return row?.secret
}

/** Replaces the one before. @param step whose code was the first */
export async function confirmTotp(tx: Sql, userId: UserId, sealed: string, step: number): Promise<boolean> {
  const deleted = await tx.query(
    `delete from credentials where user_id = $1 and kind = 'new-totp' and data ->> 'secret' = $2 returning 1`,
    [userId, sealed],
  )
  if (deleted.length === 0) return false
  await tx.query(
    `insert into credentials (user_id, kind, data)
     values ($1, 'totp', jsonb_build_object('secret', $2::text, 'lastStep', $3::bigint))
     on conflict (user_id, kind) do update set data = excluded.data, created_at = now(), updated_at = now()`,
    [userId, sealed, step],
  )
  return true
}

/** @returns whether no code of this step or a later one was used before: of two at once, one is */
export async function useTotpStep(tx: Sql, userId: UserId, sealed: string, step: number): Promise<boolean> {
  const used = await tx.query(
    `update credentials set data = jsonb_set(data, '{lastStep}', to_jsonb($3::bigint)), updated_at = now()
     where user_id = $1 and kind = 'totp' and data ->> 'secret' = $2 and (data ->> 'lastStep')::bigint < $3::bigint
     returning 1`,
    [userId, sealed, step],
  )
  return used.length > 0
}

export async function deleteCredential(tx: Sql, userId: UserId, kind: SealedKind | 'recovery-codes'): Promise<boolean> {
  const deleted = await tx.query('delete from credentials where user_id = $1 and kind = $2 returning 1', [userId, kind])
  return deleted.length > 0
}

export async function setRecoveryCodes(tx: Sql, userId: UserId, hashes: readonly string[]): Promise<void> {
  await tx.query(
    `insert into credentials (user_id, kind, data)
     values ($1, 'recovery-codes', jsonb_build_object('hashes', $2::jsonb))
     on conflict (user_id, kind) do update set data = excluded.data, created_at = now(), updated_at = now()`,
    [userId, JSON.stringify(hashes)],
  )
}

/** @returns whether it was there to be used: of two who use it at once, one does */
export async function useRecoveryCode(tx: Sql, userId: UserId, hash: string): Promise<boolean> {
  const used = await tx.query(
    `update credentials set data = jsonb_build_object('hashes', (data -> 'hashes') - $2::text), updated_at = now()
     where user_id = $1 and kind = 'recovery-codes' and data -> 'hashes' ? $2 returning 1`,
    [userId, hash],
  )
  return used.length > 0
}

export interface StoredPasskey {
  readonly id: string
  readonly userId: UserId
  readonly name: string
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly counter: number
  readonly transports: readonly string[]
  readonly singleDevice: boolean
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}

interface PasskeyRow {
  id: string
  user_id: UserId
  name: string
  public_key: Buffer
  counter: number
  transports: string[]
  single_device: boolean
  created_at: Date
  last_used_at: Date | null
}

const toPasskey = (row: PasskeyRow): StoredPasskey => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  publicKey: new Uint8Array(row.public_key),
  counter: Number(row.counter),
  transports: row.transports,
  singleDevice: row.single_device,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
})

export const viewOf = ({ id, name, createdAt, lastUsedAt }: StoredPasskey): Passkey => ({
  id,
  name,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
})

export async function findPasskey(sql: Sql, id: string): Promise<StoredPasskey | undefined> {
  // PostgreSQL's text takes no U+0000.
  if (id.includes('\0')) return undefined
  const [row] = await sql.query<PasskeyRow>('select * from passkeys where id = $1', [id])
  return row && toPasskey(row)
}

export async function passkeysOf(sql: Sql, userId: UserId): Promise<StoredPasskey[]> {
  const rows = await sql.query<PasskeyRow>('select * from passkeys where user_id = $1 order by created_at, id', [
    userId,
  ])
  return rows.map(toPasskey)
}

/** @returns undefined where a credential of this id exists */
export async function insertPasskey(
  tx: Sql,
  passkey: Omit<StoredPasskey, 'createdAt' | 'lastUsedAt'>,
): Promise<StoredPasskey | undefined> {
  const { id, userId, name, publicKey, counter, transports, singleDevice } = passkey
  const [row] = await tx.query<PasskeyRow>(
    `insert into passkeys (id, user_id, name, public_key, counter, transports, single_device)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning *`,
    [id, userId, name, Buffer.from(publicKey), counter, transports, singleDevice],
  )
  return row && toPasskey(row)
}

/** @returns whether its counter was still the one that the answer was compared with */
export async function usePasskey(tx: Sql, { id, counter }: StoredPasskey, newCounter: number): Promise<boolean> {
  const used = await tx.query(
    'update passkeys set counter = $3, last_used_at = now() where id = $1 and counter = $2 returning 1',
    [id, counter, newCounter],
  )
  return used.length > 0
}

export async function renamePasskey(
  tx: Sql,
  userId: UserId,
  id: string,
  name: string,
): Promise<StoredPasskey | undefined> {
  const [row] = await tx.query<PasskeyRow>('update passkeys set name = $3 where id = $2 and user_id = $1 returning *', [
    userId,
    id,
    name,
  ])
  return row && toPasskey(row)
}

export async function deletePasskey(tx: Sql, userId: UserId, id: string): Promise<StoredPasskey | undefined> {
  const [row] = await tx.query<PasskeyRow>('delete from passkeys where id = $2 and user_id = $1 returning *', [
    userId,
    id,
  ])
  return row && toPasskey(row)
}

/** Deletes all of them. @returns which there were */
export async function deleteFactors(tx: Sql, userId: UserId): Promise<string[]> {
  const credentials = await tx.query<{ kind: string }>(
    `delete from credentials where user_id = $1 and kind in ('totp', 'new-totp', 'recovery-codes') returning kind`,
    [userId],
  )
  const passkeys = await tx.query('delete from passkeys where user_id = $1 returning id', [userId])
  const kinds = credentials.map(({ kind }) => kind).filter((kind) => kind !== 'new-totp')
  return [...kinds, ...(passkeys.length > 0 ? ['passkey'] : [])].toSorted()
}
