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
        if (end > from) rows.push(rowOf(text.slice(from, end)))
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
  if (rest.trim() !== '') yield [rowOf(rest)]
}

function rowReader(columns: readonly string[], file: string): (line: string) => InventoryRow {
  const at = (name: string): number => columns.indexOf(name)
  const [bucket, key, size, modified] = [at('bucket'), at('key'), at('size'), at('lastmodifieddate')]
  const [etag, storageClass, latest, marker] = [at('etag'), at('storageclass'), at('islatest'), at('isdeletemarker')]
  return (line) => {
    const fields = fieldsOf(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (fields.length !== columns.length) {
      throw inventoryUnreadable(
        `a line of ${file} has ${fields.length} fields, not the ${columns.length} of its schema`,
      )
    }
    const text = (index: number): string => fields[index] ?? ''
    return {
      bucket: bucket === -1 ? undefined : text(bucket),
      key: decodeListedKey(text(key), 'url'),
      size: text(size) === '' ? undefined : Number(text(size)),
      modified: Date.parse(text(modified)),
      etag: text(etag),
      storageClass: text(storageClass),
      isLatest: text(latest) === '' ? undefined : text(latest) === 'true',
      isMarker: text(marker) === '' ? undefined : text(marker) === 'true',
    }
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc4180 */
function fieldsOf(line: string): string[] {
  // As S3 writes them: all quoted, and none with a quote in it.
  if (line.startsWith('"') && line.endsWith('"') && !line.includes('""')) return line.slice(1, -1).split('","')
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y
  for (let match = field.exec(line); match !== null; match = field.exec(line)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '') return fields
  }
  return []
}
