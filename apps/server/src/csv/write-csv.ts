import { guardFormula } from './formula-guard.ts'

/** Spreadsheets take a file for UTF-8 only when it says so. */
export const BOM = '\uFEFF'

/**
 * One record with its line end. Formulas are guarded, so a file is harmless in a spreadsheet and `readCsv` gives the same
 * text back.
 * @see RFC 4180
 */
export function csvRecord(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

function cell(text: string): string {
  const guarded = guardFormula(text)
  return /[",;|\s]|^$/u.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
