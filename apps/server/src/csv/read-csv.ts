import { unguardFormula } from './formula-guard.ts'

export interface CsvRecord {
  /** The line of the file that it begins on; the first is 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvMistake {
  readonly line: number
  readonly message: string
}

export interface CsvText {
  readonly records: readonly CsvRecord[]
  readonly mistakes: readonly CsvMistake[]
}

/**
 * Reads CSV as spreadsheets write it: with or without a byte order mark; CRLF, LF or CR; quotes where they are needed. The
 * separator is that of the first line: a comma, or else a semicolon or a tab. Empty lines are passed over, and the
 * apostrophes of `guardFormula` are taken away.
 * @see RFC 4180
 */
export function readCsv(bytes: Uint8Array): CsvText {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { records: [], mistakes: [{ line: 1, message: 'The file is not UTF-8.' }] }
  }
  const separator = separatorOf(text)
  const records: CsvRecord[] = []
  const mistakes: CsvMistake[] = []
  let line = 1
  let at = 0
  while (at < text.length) {
    const cells: string[] = []
    const begin = line
    let isEmpty = true
    for (;;) {
      let cell = ''
      if (text[at] === '"') {
        isEmpty = false
        const quoted = readQuoted(text, at)
        cell = quoted.cell
        line += quoted.lines
        at = quoted.end
        if (!quoted.isClosed) mistakes.push({ line: begin, message: 'A quotation mark is not closed.' })
        else if (at < text.length && text[at] !== separator && !isLineEnd(text[at])) {
          mistakes.push({ line: begin, message: 'There is text after a closing quotation mark.' })
          at = endOfCell(text, at, separator)
        }
      } else {
        const end = endOfCell(text, at, separator)
        cell = text.slice(at, end)
        if (cell.trim() !== '') isEmpty = false
        at = end
      }
      cells.push(unguardFormula(cell))
      if (text[at] !== separator) break
      isEmpty = false
      at++
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++
    at++
    line++
    if (!isEmpty) records.push({ line: begin, cells })
  }
  return { records, mistakes }
}

function separatorOf(text: string): string {
  const first = /^[^\r\n]*/.exec(text)![0]
  return [',', ';', '\t'].find((separator) => first.includes(separator)) ?? ','
}

const isLineEnd = (char: string | undefined): boolean => char === '\r' || char === '\n'

function endOfCell(text: string, at: number, separator: string): number {
  let end = at
  while (end < text.length && text[end] !== separator && !isLineEnd(text[end])) end++
  return end
}

/** @param at where the opening mark is */
function readQuoted(text: string, at: number): { cell: string; end: number; lines: number; isClosed: boolean } {
  let cell = ''
  let from = at + 1
  for (;;) {
    const mark = text.indexOf('"', from)
    if (mark === -1) {
      const rest = text.slice(from)
      return { cell: cell + rest, end: text.length, lines: linesIn(cell + rest), isClosed: false }
    }
    cell += text.slice(from, mark)
    if (text[mark + 1] !== '"') return { cell, end: mark + 1, lines: linesIn(cell), isClosed: true }
    cell += '"'
    from = mark + 2
  }
}

function linesIn(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}
