import type { User } from '@skycrate/contract/users/schemas'
import { ACCOUNTS_ISSUER } from '../users/accounts-issuer.ts'

const HEAD = ['ID', 'E-MAIL', 'NAME', 'STATE', 'ADMINISTRATOR', 'SIGNS IN WITH', 'LAST SIGN-IN']

/** Names and addresses come from tokens of issuers: none may move the cursor of a terminal or turn its text around. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')

/** Lines of a table, the first with the names of the columns. */
export function userTable(users: readonly User[]): string[] {
  const rows = [HEAD, ...users.map(cells)]
  const widths = HEAD.map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column]!.length), 0))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

function cells(user: User): string[] {
  const { id, email, emailVerified, name, state, isAdmin, issuer, lastSignInAt } = user
  return [
    id,
    email === null ? '-' : `${email}${emailVerified ? '' : ' (not verified)'}`,
    name ?? '-',
    state,
    isAdmin ? 'yes' : 'no',
    issuer === ACCOUNTS_ISSUER ? 'built-in account' : (issuer ?? 'nothing yet'),
    lastSignInAt === null ? 'never' : minute(lastSignInAt),
  ].map(printable)
}

/** Such as `2026-11-29 19:36 UTC`. @param time ISO 8601, in UTC */
export const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`
