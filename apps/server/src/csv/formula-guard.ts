/**
 * Spreadsheets run a cell that begins with one of these as a formula. The full-width forms are taken for the plain ones
 * in some locales; tab and line ends are skipped before looking.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const START = `['=+\\-@\\t\\r\\n\uFF1D\uFF0B\uFF0D\uFF20]`
/** Where a cell begins: also after what another locale's spreadsheet takes for the separator. */
const BOUNDARY = '(?<=^|[;\\t\\r\\n|])'

const UNGUARDED = new RegExp(`${BOUNDARY}(?=${START})`, 'gu')
const GUARDED = new RegExp(`${BOUNDARY}'(?=${START})`, 'gu')

/** Puts an apostrophe before whatever a spreadsheet could take for a formula, so that it stays text. */
export function guardFormula(text: string): string {
  return text.replace(UNGUARDED, "'")
}

/** Takes the apostrophes of `guardFormula` away again, and no others. */
export function unguardFormula(text: string): string {
  return text.replace(GUARDED, '')
}
