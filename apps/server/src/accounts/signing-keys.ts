import { randomBytes } from 'node:crypto'
import { createId } from '@skycrate/core/naming/id'
import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, importJWK, importPKCS8, type JWK } from 'jose'
import type { Database, Sql } from '../db/database.ts'
import { createSealing } from '../sealing.ts'

export const SIGNING_ALGORITHM = 'ES256'

/** The keys of SkyCrate's own tokens: the newest signs, all that are not retired verify. */
export interface SigningKeys {
  /** The newest that has been published for a while: who keeps a copy of the keys has it by now. */
  newest(): { readonly id: string; readonly privateKey: CryptoKey }
  /** Looks into the database for one that is not known yet. @throws AppError `database-unavailable` */
  publicKey(id: string): Promise<CryptoKey | undefined>
  publicJwks(): readonly JWK[]
  /** Makes another once the newest is old enough, and retires those that no token can be of any more. */
  rotate(options: { readonly days: number; readonly tokenSeconds: number }): Promise<void>
  /** Learns what other processes made and retired. */
  reload(): Promise<void>
  /** Reloads, unless it did so within the last seconds. */
  lookAgain(): Promise<void>
}

/** Milliseconds for which a new key is published before it signs: twice as long as copies of the keys are kept. */
const PUBLISHED_MS = 10 * 60_000
/** Milliseconds: tokens with made-up key ids must not become queries. */
const LOOK_AGAIN_MS = 3_000

interface PrivateKey {
  readonly id: string
  readonly privateKey: CryptoKey
  readonly createdAt: Date
}

interface KeySet {
  /** Newest first. */
  readonly privateKeys: readonly PrivateKey[]
  readonly publicKeys: ReadonlyMap<string, CryptoKey>
  readonly publicJwks: readonly JWK[]
}

interface Row {
  id: string
  public_jwk: JWK
  sealed_private_key: Buffer
  created_at: Date
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
    newest() {
      const published = keys.privateKeys.find(({ createdAt }) => now() - createdAt.getTime() >= PUBLISHED_MS)
      return published ?? keys.privateKeys.at(-1)!
    },
    publicJwks: () => keys.publicJwks,
    async rotate({ days, tokenSeconds }) {
      await rotate(options, days, tokenSeconds)
      await reload()
    },
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
    await lockKeys(tx)
    const found = await readRows(tx)
    if (found.length > 0) return found
    await insertNewKey(tx, secret, now())
    return readRows(tx)
  })
  const publicKeys = new Map<string, CryptoKey>()
  for (const row of rows) publicKeys.set(row.id, (await importJWK(row.public_jwk, SIGNING_ALGORITHM)) as CryptoKey)
  const privateKeys: PrivateKey[] = []
  for (const row of rows) {
    const privateKey = await importPKCS8(open(row, secret), SIGNING_ALGORITHM)
    privateKeys.push({ id: row.id, privateKey, createdAt: row.created_at })
  }
  return {
    privateKeys,
    publicKeys,
    publicJwks: rows.map((row) => ({ ...row.public_jwk, kid: row.id, alg: SIGNING_ALGORITHM, use: 'sig' })),
  }
}

async function lockKeys(tx: Sql): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('skycrate.signing-keys', 0))`)
}

/** Once among all processes. The notification of the commit tells the others. */
async function rotate(
  { database, secret, now }: Parameters<typeof openSigningKeys>[0],
  days: number,
  tokenSeconds: number,
): Promise<void> {
  await database.transaction(async (tx) => {
    await lockKeys(tx)
    const young = await tx.query(
      `select 1 from signing_keys where retired_at is null and created_at > now() - make_interval(days => $1::int) limit 1`,
      [days],
    )
    if (young.length === 0) await insertNewKey(tx, secret, now())
    await tx.query(
      `update signing_keys k set retired_at = now() where retired_at is null and exists (
         select from signing_keys n where n.retired_at is null and n.created_at > k.created_at
           and n.created_at < now() - make_interval(secs => $1))`,
      // Until the newer one signed, and as long as what the older one signed is good; an hour for clocks and slow processes.
      [PUBLISHED_MS / 1000 + tokenSeconds + 3600],
    )
  })
}

function readRows(sql: Sql): Promise<Row[]> {
  return sql.query<Row>(
    `select id, public_jwk, sealed_private_key, created_at from signing_keys where retired_at is null order by created_at desc, id desc`,
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
