import type { OneTimeLink } from '@skycrate/contract/users/schemas'
import type { CodeKind } from '../accounts/one-time-codes.ts'
import type { Sql } from '../db/database.ts'
import { parseMailAddress } from '../mail/mail-address.ts'
import type { UsersOptions } from './users-options.ts'

/** Sends the link to whom it is for, where the address is one that mails reach; the administrator has it too. */
export async function mailLink(
  { mail }: UsersOptions,
  tx: Sql,
  kind: CodeKind,
  email: string | null,
  { link, expiresAt: until }: OneTimeLink,
): Promise<void> {
  const to = parseMailAddress(email ?? '')
  if (!mail || to === undefined) return
  const expiresAt = new Date(until)
  const text = kind === 'invitation' ? 'invitation' : 'resetLink'
  await mail.mailer.send(tx, { to, expiresAt, ...mail.templates[text](link, expiresAt) })
}
