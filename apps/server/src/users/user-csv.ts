import { BCRYPT } from '../accounts/password.ts'
import { type CsvRecord, readCsv } from '../csv/read-csv.ts'
import { isEmail } from './is-email.ts'

const COLUMNS = ['email', 'passwordHash', 'name', 'groups'] as const
export type UserColumn = (typeof COLUMNS)[number]
const REQUIRED: readonly UserColumn[] = ['email', 'passwordHash']
const MAX_LENGTH = { email: 320, passwordHash: 100, name: 200, groups: 10_000 } as const

export interface UserMistake {
  readonly line: number
  readonly column: UserColumn | null
  readonly message: string
}

/** A line as it stands; its groups are not looked up yet. */
export interface CsvUser {
  readonly line: number
  readonly email: string
  /** bcrypt's, of another system. */
  readonly passwordHash: string
  readonly name: string | null
  readonly groups: readonly string[]
}

/**
 * Reads a file of users: every line that can be read, and every mistake.
 * @param limit lines at most
 */
export function readUserCsv(
  bytes: Uint8Array,
  limit: number,
): { readonly users: readonly CsvUser[]; readonly mistakes: readonly UserMistake[]; readonly lines: number } {
  const { records, mistakes: malformed } = readCsv(bytes)
  const mistakes: UserMistake[] = malformed.map((mistake) => ({ ...mistake, column: null }))
  const wrong = (line: number, column: UserColumn | null, message: string): void =>
    void mistakes.push({ line, column, message })
  const [header, ...lines] = records
  if (!header) {
    if (mistakes.length === 0) wrong(1, null, 'The file is empty.')
    return { users: [], mistakes, lines: 0 }
  }
  const columns = header.cells.map((name) => name.trim())
  for (const name of new Set(columns)) {
    if (!isColumn(name)) wrong(header.line, null, `The column "${name.slice(0, 100)}" is not known.`)
    else if (columns.indexOf(name) !== columns.lastIndexOf(name)) wrong(header.line, name, 'The column is there twice.')
  }
  for (const name of REQUIRED) if (!columns.includes(name)) wrong(header.line, name, 'The column is missing.')
  if (lines.length > limit) wrong(lines[limit]!.line, null, `A file has at most ${limit} users. Split it.`)
  // With a wrong header every line would be wrong as well.
  if (mistakes.some(({ line }) => line === header.line) || lines.length > limit) {
    return { users: [], mistakes, lines: lines.length }
  }
  const users = lines.flatMap((record) => {
    const user = readLine(record, columns as UserColumn[], (column, message) => wrong(record.line, column, message))
    return user === undefined ? [] : [user]
  })
  return { users, mistakes, lines: lines.length }
}

const isColumn = (name: string): name is UserColumn => (COLUMNS as readonly string[]).includes(name)

function readLine(
  { line, cells }: CsvRecord,
  columns: readonly UserColumn[],
  onMistake: (column: UserColumn | null, message: string) => void,
): CsvUser | undefined {
  if (cells.length !== columns.length) {
    onMistake(null, `The line has ${cells.length} cells, the header ${columns.length}.`)
    return undefined
  }
  let isRight = true
  const wrong = (column: UserColumn, message: string): void => {
    isRight = false
    onMistake(column, message)
  }
  const cell = (column: UserColumn): string => (cells[columns.indexOf(column)] ?? '').trim()
  for (const column of columns) {
    if (cell(column).includes('\0')) wrong(column, 'has the character U+0000')
    if (cell(column).length > MAX_LENGTH[column]) wrong(column, `is longer than ${MAX_LENGTH[column]} characters`)
  }
  const [email, passwordHash, name] = [cell('email'), cell('passwordHash'), cell('name')]
  if (!isEmail(email)) wrong('email', 'is no e-mail address')
  if (!BCRYPT.test(passwordHash)) wrong('passwordHash', 'is no bcrypt hash of cost 4 to 13')
  const groups = cell('groups')
    .split('|')
    .map((group) => group.trim())
    .filter((group) => group !== '')
  return isRight ? { line, email, passwordHash, name: name === '' ? null : name, groups } : undefined
}
