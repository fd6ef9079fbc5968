import { AppError } from '../../errors/app-error.ts'
import { type Compressors, type FileMetaData, parquetMetadata, parquetRead, type RowGroup } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { compressors, decompressZstd } from 'hyparquet-compressors'
import type { InventoryRow } from './inventory-row.ts'
import { inventoryUnreadable } from './inventory-unreadable.ts'
import { columnName, requireColumns } from './manifest.ts'

const MIB = 2 ** 20
/** What of a file is held at once, at most: its footer, a row group as it lies there, and a page of it unpacked. */
const MAX_FOOTER = 32 * MIB
const MAX_GROUP = 256 * MIB
const MAX_UNPACKED_GROUP = 768 * MIB
const MAX_PAGE = 128 * MIB
const MAX_ROWS = 8_000_000
const BATCH = 10_000
/** Where most footers lie. */
const TAIL = MIB

const READ = [
  'bucket',
  'key',
  'size',
  'lastmodifieddate',
  'etag',
  'storageclass',
  'islatest',
  'isdeletemarker',
  'intelligenttieringaccesstier',
] as const
type Read = (typeof READ)[number]

/** Bytes of a file from one to before another. */
export type ReadRange = (from: number, to: number) => Promise<Uint8Array>

/**
 * The rows of a Parquet file, one row group after the other, while the file comes.
 * @param chunks the whole file in order
 * @param range for its footer, which is needed first
 * @throws AppError `inventory-unreadable`
 */
export async function* parquetRows(
  chunks: AsyncIterable<Uint8Array>,
  { size, file, range }: { readonly size: number; readonly file: string; readonly range: ReadRange },
): AsyncGenerator<InventoryRow[]> {
  const metadata = await guarded(file, async () => readFooter(size, range))
  const names = namesOf(metadata)
  requireColumns([...names.keys()])
  let first = 0
  const groups = metadata.row_groups.map((group) => {
    const rows = Number(group.num_rows)
    const at = { group, rows, first, ...extentOf(group, size, file) }
    first += rows
    return at
  })
  if (groups.some(({ from }, at) => at > 0 && from < groups[at - 1]!.to)) {
    throw inventoryUnreadable(`the row groups of ${file} do not follow one another`)
  }
  let next = 0
  let offset = 0
  let held: Uint8Array | undefined
  for await (const chunk of chunks) {
    const end = offset + chunk.length
    for (let at = groups[next]; at !== undefined && at.from < end; at = groups[next]) {
      held ??= new Uint8Array(at.to - at.from)
      const [from, to] = [Math.max(at.from, offset), Math.min(at.to, end)]
      held.set(chunk.subarray(from - offset, to - offset), from - at.from)
      if (at.to > end) break
      const bytes = held
      held = undefined
      next += 1
      yield* rowsOf({ ...at, bytes, metadata, names, file, size })
    }
    offset = end
  }
  if (next < groups.length) throw inventoryUnreadable(`${file} ends before its last row group`)
}

async function guarded<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw inventoryUnreadable(`${file} is damaged (${(error as Error).message})`, error)
  }
}

async function readFooter(size: number, range: ReadRange): Promise<FileMetaData> {
  if (size < 12) throw new Error('it is too short')
  const tail = await range(Math.max(0, size - TAIL), size)
  const length = new DataView(tail.buffer, tail.byteOffset, tail.length).getUint32(tail.length - 8, true) + 8
  if (length > Math.min(MAX_FOOTER, size)) throw new Error(`its footer claims ${length} bytes`)
  return parquetMetadata(length > tail.length ? await range(size - length, size) : tail, { geoparquet: false })
}

/** What counts, and how the file calls it. */
function namesOf({ schema }: FileMetaData): Map<Read, string> {
  const found = schema.flatMap(({ name, num_children: children }): [Read, string][] => {
    const read = READ.find((each) => each === columnName(name))
    return read === undefined || children !== undefined ? [] : [[read, name]]
  })
  return new Map(found)
}

function extentOf(group: RowGroup, size: number, file: string): { readonly from: number; readonly to: number } {
  let [from, to, unpacked] = [Number.POSITIVE_INFINITY, 0, 0]
  for (const { meta_data: meta } of group.columns) {
    if (meta === undefined) throw inventoryUnreadable(`${file} does not tell where its columns lie`)
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
    from = Math.min(from, start)
    to = Math.max(to, start + Number(meta.total_compressed_size))
    unpacked += Number(meta.total_uncompressed_size)
  }
  if (!(from >= 4 && from < to && to <= size)) {
    throw inventoryUnreadable(`a row group of ${file} is said to lie beyond its end`)
  }
  if (to - from > MAX_GROUP || unpacked > MAX_UNPACKED_GROUP || group.num_rows > MAX_ROWS) {
    throw inventoryUnreadable(`a row group of ${file} is too large to be held in memory`)
  }
  return { from, to }
}

interface HeldGroup {
  readonly group: RowGroup
  readonly rows: number
  /** The number of its first row. */
  readonly first: number
  /** Where its bytes begin in the file. */
  readonly from: number
  readonly bytes: Uint8Array
  readonly metadata: FileMetaData
  readonly names: ReadonlyMap<Read, string>
  readonly file: string
  readonly size: number
}

async function* rowsOf(held: HeldGroup): AsyncGenerator<InventoryRow[]> {
  const { rows, first, from, bytes, metadata, names, file, size } = held
  const columns = new Map<string, unknown[]>()
  await guarded(file, async () => {
    checkPages(held)
    await parquetRead({
      file: {
        byteLength: size,
        slice: (start, end = size) => bytes.slice(start - from, end - from).buffer as ArrayBuffer,
      },
      metadata,
      columns: [...names.values()],
      rowStart: first,
      rowEnd: first + rows,
      compressors: CHECKED,
      parsers: PARSERS,
      geoparquet: false,
      onChunk({ columnName: name, columnData, rowStart }) {
        let column = columns.get(name)
        if (column === undefined) columns.set(name, (column = Array.from({ length: rows })))
        for (let at = 0; at < columnData.length; at++) column[rowStart - first + at] = columnData[at]
      },
    })
  })
  const column = (name: Read): unknown[] => columns.get(names.get(name) ?? '') ?? []
  const [bucket, key, sizes, modified] = [column('bucket'), column('key'), column('size'), column('lastmodifieddate')]
  const [etag, storageClass] = [column('etag'), column('storageclass')]
  const [latest, marker, tiers] = [column('islatest'), column('isdeletemarker'), column('intelligenttieringaccesstier')]
  const hasTiers = names.has('intelligenttieringaccesstier')
  for (let start = 0; start < rows; start += BATCH) {
    const batch: InventoryRow[] = []
    for (let at = start; at < Math.min(rows, start + BATCH); at++) {
      batch.push({
        bucket: bucket[at] as string | undefined,
        key: text(key[at]),
        size: sizes[at] === undefined || sizes[at] === null ? undefined : Number(sizes[at]),
        modified: Number(modified[at] ?? Number.NaN),
        etag: text(etag[at]),
        storageClass: text(storageClass[at]),
        isLatest: (latest[at] ?? undefined) as boolean | undefined,
        isMarker: (marker[at] ?? undefined) as boolean | undefined,
        tier: hasTiers ? text(tiers[at]) : undefined,
      })
    }
    yield batch
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Looks at the pages before any is unpacked: a few bytes may claim to be as many rows, or bytes, as they like. */
function checkPages({ group, rows, from, bytes, names, file }: HeldGroup): void {
  const read = new Set(names.values())
  for (const { meta_data: meta } of group.columns) {
    if (meta === undefined || !read.has(meta.path_in_schema[0] ?? '')) continue
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset) - from
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, Number(meta.total_compressed_size))
    const reader = { view, offset: 0 }
    let values = 0
    while (reader.offset < view.byteLength && values < rows) {
      const header = parquetHeader(reader)
      const page = header.data_page_header ?? header.data_page_header_v2
      values += page?.num_values ?? 0
      const claimed = [page?.num_values, header.dictionary_page_header?.num_values].map((count) => count ?? 0)
      if (values > rows || claimed.some((count) => !(count >= 0 && count <= MAX_ROWS))) {
        throw inventoryUnreadable(`a page of ${file} claims more rows than its row group has`)
      }
      const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header
      if (!(packed >= 0 && unpacked >= 0 && unpacked <= MAX_PAGE)) {
        throw inventoryUnreadable(`a page of ${file} claims ${unpacked} bytes`)
      }
      reader.offset += packed
    }
    if (values < rows) throw inventoryUnreadable(`a column of ${file} has fewer rows than its row group`)
  }
}

/** Dates stay numbers. */
const PARSERS = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: (micros: bigint) => Number(micros / 1000n),
  timestampFromNanoseconds: (nanos: bigint) => Number(nanos / 1_000_000n),
  stringFromBytes: (bytes: Uint8Array | undefined) =>
    bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
}

const ZSTD = (input: Uint8Array, length: number): Uint8Array => decompressZstd(input, new Uint8Array(length))

/** What unpacks has been told how much comes, and holds no more. */
const CHECKED: Compressors = Object.fromEntries(
  Object.entries({ ...compressors, ZSTD }).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, length: number) => {
      const output = unpack(input, length)
      if (output.length !== length) throw new Error('a page is not as large as it claims')
      return output
    },
  ]),
)
