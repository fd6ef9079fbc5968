import { FrameSummer } from '../src/store/blobs/frame-sums.ts'
import type { FrameSums } from '../src/store/blobs/frame-sums.ts'

/** The table of checksums that follows bytes in their file. */
export const sumTable = (bytes: Buffer, sums: FrameSums): Buffer => {
  const summer = new FrameSummer(sums)
  summer.update(bytes)
  return summer.table
}
