import { randomBytes } from 'node:crypto'
import { byProcess } from '../audit/audit-event.ts'
import type { AccountContext } from './account-context.ts'
import { findAccountByEmail, findAdminEmail, insertAccount } from './account-rows.ts'
import { passwordProblem } from './new-password.ts'

export interface FirstAdmin {
  readonly email: string
  readonly created: boolean
  /** Only where it was made up here; it is stored nowhere. */
  readonly password?: string
}

/** Creates an administrator where no account is one, with the password given or a made-up one. */
export async function ensureFirstAdmin(
  { audit, database, now, passwords }: AccountContext,
  { email, password }: { readonly email: string; readonly password: string | undefined },
): Promise<FirstAdmin> {
  const before = await findAdminEmail(database)
  if (before !== undefined) return { email: before, created: false }
  const problem = password === undefined ? undefined : passwordProblem(password, [email])
  if (problem !== undefined) throw new Error(`SKYCRATE_ADMIN_PASSWORD ${problem}`)
  // 20 characters of 64: what is made up here outlasts any guessing.
  const chosen = password ?? randomBytes(15).toString('base64url')
  const passwordHash = await passwords.hash(chosen)
  return database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('skycrate.first-admin', 0))`)
    const existing = await findAdminEmail(tx)
    if (existing !== undefined) return { email: existing, created: false }
    if ((await findAccountByEmail(tx, email)).account) {
      throw new Error(`the account ${email} is no administrator; set SKYCRATE_ADMIN_EMAIL to another`)
    }
    const userId = await insertAccount(tx, { email, name: 'Administrator', isAdmin: true, passwordHash }, now())
    await audit.record({
      action: 'user.create',
      outcome: 'allow',
      userId: null,
      targetUserId: userId,
      bucket: null,
      key: null,
      reason: null,
      detail: { email, changed: { isAdmin: true } },
      origin: byProcess('start'),
    })
    return { email, created: true, ...(password === undefined ? { password: chosen } : {}) }
  })
}
