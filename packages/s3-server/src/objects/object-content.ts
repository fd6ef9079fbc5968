import type { ByteRange } from './byte-range.ts'
import type { StreamBody } from '../reply.ts'
import type { Blob, UnwrapKey } from '../store/blobs/blob-store.ts'
import type { PieceStream } from '../store/blobs/read-stored.ts'
import type { ObjectVersion } from '../store/tables/object-version.ts'
import type { Store } from '../store/store.ts'

interface Piece {
  readonly blob: Blob
  readonly start: number
  readonly end: number
}

/** The pieces of blobs that make up a range of a version. */
const locate = (store: Store, version: ObjectVersion, range: ByteRange): Piece[] => {
  const parts =
    version.blobId === undefined
      ? store.objects.parts(version.sequence)
      : [{ blobId: version.blobId, size: version.size }]
  const pieces: Piece[] = []
  let offset = 0
  for (const { blobId, size } of parts) {
    const start = Math.max(range.start - offset, 0)
    const end = Math.min(range.end - offset, size)
    offset += size
    if (start >= end) continue
    const blob = store.blobTable.find(blobId)
    if (blob === undefined) throw new Error(`The index lacks blob ${blobId}.`)
    pieces.push({ blob, start, end })
  }
  return pieces
}

const readPieces = (store: Store, pieces: readonly Piece[], unwrap: UnwrapKey | undefined): PieceStream => {
  const read = ({ blob, start, end }: Piece): PieceStream => store.blobs.read(blob, start, end, unwrap)
  const [first] = pieces
  // Most objects are one blob, and a stream within a stream costs something with each piece.
  if (first !== undefined && pieces.length === 1) return read(first)
  return (async function* () {
    for (const piece of pieces) yield* read(piece)
  })()
}

/**
 * Opens the bytes of a version for reading. They stay readable until `release`, though the version be deleted or
 * overwritten meanwhile; so the lookup of the version and this call must share one turn of the event loop.
 *
 * @param unwrap see `BlobStore.read`
 */
export const openContent = (
  store: Store,
  version: ObjectVersion,
  range: ByteRange,
  unwrap: UnwrapKey | undefined,
): StreamBody => {
  const pieces = locate(store, version, range)
  const pins = pieces.map(({ blob }) => store.blobs.pin(blob.id))
  return {
    length: range.end - range.start,
    stream: readPieces(store, pieces, unwrap),
    release: () => {
      for (const pin of pins) pin[Symbol.dispose]()
    },
  }
}
