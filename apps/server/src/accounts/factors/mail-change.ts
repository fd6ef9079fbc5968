import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../../db/database.ts'
import { parseMailAddress } from '../../mail/mail-address.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { FactorChange, MailTemplates } from '../../mail/templates.ts'
import { findAccountOf } from '../account-rows.ts'

/** Milliseconds in which the news is worth a mail. */
const NEWS_MS = 7 * 24 * 60 * 60_000

/** Tells the owner of an account, in case somebody else did it. In the transaction of the change. */
export async function mailFactorChange(
  {
    mailer,
    templates,
    now,
  }: { readonly mailer: Mailer; readonly templates: MailTemplates; readonly now: () => number },
  tx: Sql,
  userId: UserId,
  change: FactorChange,
): Promise<void> {
  const account = await findAccountOf(tx, userId)
  const to = parseMailAddress(account?.email ?? '')
  if (to === undefined) return
  await mailer.send(tx, { to, expiresAt: new Date(now() + NEWS_MS), ...templates.factorChange(change) })
}
