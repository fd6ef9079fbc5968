import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { decodeListedKey } from '../../stores/s3/decode-listed-key.ts'
import { AppError } from '../../errors/app-error.ts'
import type { InventoryRow } from './inventory-row.ts'
import { inventoryUnreadable } from './inventory-unreadable.ts'

/** Bytes of a line at most: a key has 1,024 bytes, each written as three letters. */
const MAX_LINE = 16_384
/** How much larger a file may get unpacked; ETags alone keep real ones far below. */
const MAX_RATIO = 200
const SMALL = 2 ** 20
const [QUOTE, COMMA, RETURN, ZERO] = [0x22, 0x2c, 0x0d, 0x30] as const

/**
 * The rows of a gzipped CSV file, in batches, as they come.
 * @param columns in their order, as `columnName` has them
 * @throws AppError `inventory-unreadable`
 */
export async function* csvRows(
  packed: AsyncIterable<Uint8Array>,
  { columns, size, file }: { readonly columns: readonly string[]; readonly size: number; readonly file: string },
): AsyncGenerator<InventoryRow[]> {
  const rowOf = rowReader(columns, file)
  let unpacked = 0
  let rest = ''
  try {
    for await (const chunk of pipeline(packed, createGunzip({ chunkSize: 1 << 18 }), () => undefined)) {
      unpacked += (chunk as Buffer).length
      if (unpacked > SMALL + size * MAX_RATIO)
        throw inventoryUnreadable(`${file} unpacks to far more than an inventory`)
      // Keys are percent-encoded, so every byte is a letter of its own.
      const text = rest + (chunk as Buffer).toString('latin1')
      const rows: InventoryRow[] = []
      let from = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
        if (end > from) rows.push(rowOf(text, from, end))
        from = end + 1
      }
      rest = text.slice(from)
      if (rest.length > MAX_LINE) throw inventoryUnreadable(`a line of ${file} is longer than ${MAX_LINE} bytes`)
      if (rows.length > 0) yield rows
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw inventoryUnreadable(`${file} is damaged (${(error as Error).message})`, error)
  }
  if (rest.trim() !== '') yield [rowOf(rest, 0, rest.length)]
}

function rowReader(
  columns: readonly string[],
  file: string,
): (text: string, from: number, end: number) => InventoryRow {
  const at = (name: string): number => columns.indexOf(name)
  const [bucket, key, size, modified] = [at('bucket'), at('key'), at('size'), at('lastmodifieddate')]
  const [etag, storageClass, latest, marker] = [at('etag'), at('storageclass'), at('islatest'), at('isdeletemarker')]
  const tier = at('intelligenttieringaccesstier')
  return (text, from, end) => {
    const to = text.charCodeAt(end - 1) === RETURN ? end - 1 : end
    const fields = quotedFields(text, from, to) ?? fieldsOf(text.slice(from, to))
    if (fields.length !== columns.length) {
      throw inventoryUnreadable(
        `a line of ${file} has ${fields.length} fields, not the ${columns.length} of its schema`,
      )
    }
    const field = (index: number): string => fields[index] ?? ''
    return {
      bucket: bucket === -1 ? undefined : field(bucket),
      key: decodeListedKey(field(key), 'url'),
      size: field(size) === '' ? undefined : Number(field(size)),
      modified: timeOf(field(modified)),
      etag: field(etag),
      storageClass: field(storageClass),
      isLatest: field(latest) === '' ? undefined : field(latest) === 'true',
      isMarker: field(marker) === '' ? undefined : field(marker) === 'true',
      tier: tier === -1 ? undefined : field(tier),
    }
  }
}

/** The fields of a line whose fields are all quoted, none with a quote in it: as S3 writes them. Undefined of any other line. */
function quotedFields(text: string, from: number, to: number): string[] | undefined {
  const fields: string[] = []
  for (let at = from; at < to;) {
    const end = text.indexOf('"', at + 1)
    if (text.charCodeAt(at) !== QUOTE || end === -1) return undefined
    fields.push(text.slice(at + 1, end))
    if (end + 1 === to) return fields
    if (text.charCodeAt(end + 1) !== COMMA) return undefined
    at = end + 2
  }
  return undefined
}

/** @see https://www.rfc-editor.org/rfc/rfc4180 */
function fieldsOf(line: string): string[] {
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y
  for (let match = field.exec(line); match !== null; match = field.exec(line)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '') return fields
  }
  return []
}

/** Milliseconds since the epoch. Dates as S3 writes them, `2026-11-02T01:00:00.000Z`, are read faster than `Date.parse` does. */
function timeOf(text: string): number {
  if (text.length !== 24 || !isMarked(text)) return Date.parse(text)
  const day = digits(text, 8, 10)
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)]
  const month = digits(text, 5, 7)
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60))
    return Number.NaN
  return Date.UTC(digits(text, 0, 4), month - 1, day, hour, minute, second, digits(text, 20, 23))
}

const isMarked = (text: string): boolean =>
  text[4] === '-' && text[7] === '-' && text[10] === 'T' && text[13] === ':' && text[16] === ':' && text[19] === '.'

/** NaN where one is none. */
function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN
  }
  return number
}
