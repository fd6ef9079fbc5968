import { randomBytes } from 'node:crypto'
import { createId } from '@skycrate/core/naming/id'
import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, importJWK, importPKCS8, type JWK } from 'jose'
import type { Database, Sql } from '../db/database.ts'
import { createSealing } from '../sealing.ts'

export const SIGNING_ALGORITHM = 'ES256'

/** The keys of SkyCrate's own tokens: the newest signs, all that are not retired verify. */
export interface SigningKeys {
  newest(): { readonly id: string; readonly privateKey: CryptoKey }
  /** Looks into the database for one that is not known yet. @throws AppError `database-unavailable` */
  publicKey(id: string): Promise<CryptoKey | undefined>
  publicJwks(): readonly JWK[]
  /** Learns what other processes made and retired. */
  reload(): Promise<void>
  /** Reloads, unless it did so within the last seconds. */
  lookAgain(): Promise<void>
}

/** Milliseconds: tokens with made-up key ids must not become queries. */
const LOOK_AGAIN_MS = 3_000

interface KeySet {
  readonly newest: { readonly id: string; readonly privateKey: CryptoKey }
  readonly publicKeys: ReadonlyMap<string, CryptoKey>
  readonly publicJwks: readonly JWK[]
}

interface Row {
  id: string
  public_jwk: JWK
  sealed_private_key: Buffer
}

/**
 * Reads the keys, and makes the first one where there is none: one, however many processes start at once.
 * @throws Error when the secret is not the one that the keys were sealed with
 */
export async function openSigningKeys(options: {
  readonly database: Database
  readonly secret: string
  readonly now: () => number
}): Promise<SigningKeys> {
  const { now } = options
  let keys = await load(options)
  let looking: Promise<void> | undefined
  let lookedAt = -Infinity

  async function reload(): Promise<void> {
    keys = await load(options)
  }

  async function lookAgain(): Promise<void> {
    const since = now() - lookedAt
    // Negative when the clock was set back.
    if (!looking && since >= 0 && since < LOOK_AGAIN_MS) return
    looking ??= reload()
      .then(() => void (lookedAt = now()))
      .finally(() => (looking = undefined))
    await looking
  }

  return {
    newest: () => keys.newest,
    publicJwks: () => keys.publicJwks,
    reload,
    lookAgain,
    async publicKey(id) {
      if (!keys.publicKeys.has(id)) await lookAgain()
      return keys.publicKeys.get(id)
    },
  }
}

async function load({ database, secret, now }: Parameters<typeof openSigningKeys>[0]): Promise<KeySet> {
  const rows = await database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('skycrate.signing-keys', 0))`)
    const found = await readRows(tx)
    if (found.length > 0) return found
    await insertNewKey(tx, secret, now())
    return readRows(tx)
  })
  const newest = rows[0]!
  const publicKeys = new Map<string, CryptoKey>()
  for (const row of rows) publicKeys.set(row.id, (await importJWK(row.public_jwk, SIGNING_ALGORITHM)) as CryptoKey)
  return {
    newest: { id: newest.id, privateKey: await importPKCS8(open(newest, secret), SIGNING_ALGORITHM) },
    publicKeys,
    publicJwks: rows.map((row) => ({ ...row.public_jwk, kid: row.id, alg: SIGNING_ALGORITHM, use: 'sig' })),
  }
}

function readRows(sql: Sql): Promise<Row[]> {
  return sql.query<Row>(
    `select id, public_jwk, sealed_private_key from signing_keys where retired_at is null order by created_at desc, id desc`,
  )
}

async function insertNewKey(tx: Sql, secret: string, now: number): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
  const id = createId('key', now, randomBytes(10))
  await tx.query('insert into signing_keys (id, public_jwk, sealed_private_key) values ($1, $2, $3)', [
    id,
    JSON.stringify(await exportJWK(publicKey)),
    sealing(secret).seal(id, await exportPKCS8(privateKey)),
  ])
}

const sealing = (secret: string) => createSealing(secret, 'skycrate signing keys')

/** The id goes with it, so that no sealed key passes for another. */
function open(row: Row, secret: string): string {
  const text = sealing(secret).open(row.id, row.sealed_private_key)
  if (text === undefined)
    throw new Error('SKYCRATE_SECRET is not the one that the keys in the database were sealed with')
  return text
}
