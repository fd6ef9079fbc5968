import { parseArgs } from 'node:util'

export type AdminCommand =
  | { readonly name: 'list'; readonly search: string | undefined }
  | { readonly name: 'create'; readonly email: string; readonly isAdmin: boolean }
  | { readonly name: (typeof CHANGES)[number]; readonly user: string }
  | { readonly name: 'help' }

const CHANGES = ['promote', 'demote', 'suspend', 'activate', 'reset-password', 'reset-factors'] as const

export const ADMIN_USAGE = `Usage: npm run admin -- COMMAND

  list [--search TEXT]     list the users, or those whose e-mail address, domain,
                           name, last name or id begins with TEXT
  promote USER             make an administrator
  demote USER              make an ordinary user
  suspend USER             refuse the user and end their sessions
  activate USER            end a suspension
  reset-password USER      print a link by which the user sets a new password
  reset-factors USER       delete every second factor and end all sessions
  create EMAIL [--admin]   create a user and print an invitation link

USER is an id or an e-mail address. The settings are those of the server.
`

/** The command line can't be understood; the message says why in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function parseAdminCommand(args: readonly string[]): AdminCommand {
  const { values, positionals } = parse(args)
  const [name, ...operands] = positionals
  if (values.help === true || name === 'help') return { name: 'help' }
  if (name === undefined) throw new UsageError('A command is needed.')
  if (values.search !== undefined && name !== 'list') throw new UsageError('--search goes with list.')
  if (values.admin !== undefined && name !== 'create') throw new UsageError('--admin goes with create.')
  if (name === 'list') {
    if (operands.length > 0) throw new UsageError(`list takes no ${operands[0]}; use --search ${operands[0]}.`)
    return { name, search: values.search }
  }
  const change = CHANGES.find((each) => each === name)
  if (name !== 'create' && change === undefined) throw new UsageError(`There is no command ${name}.`)
  const [operand, ...more] = operands
  if (operand === undefined || operand === '' || more.length > 0) {
    throw new UsageError(`${name} takes one ${change === undefined ? 'e-mail address' : 'user'}.`)
  }
  return change === undefined
    ? { name: 'create', email: operand, isAdmin: values.admin === true }
    : { name: change, user: operand }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { search: { type: 'string' }, admin: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
