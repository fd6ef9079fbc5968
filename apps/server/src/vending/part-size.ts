const MEBIBYTE = 1024 ** 2
/** Bytes. Smaller parts spend more time on requests than on bytes. */
const SMALLEST = 8 * MEBIBYTE
/** S3's limit. */
export const MAX_PARTS = 10_000

/** The size of every part but the last, in bytes: whole mebibytes, so large that the parts are few enough. */
export function partSizeOf(size: number): number {
  return Math.max(SMALLEST, Math.ceil(size / MAX_PARTS / MEBIBYTE) * MEBIBYTE)
}

/** Bytes of one part; undefined for a number that a file of this size does not have. */
export function sizeOfPart(size: number, partNumber: number): number | undefined {
  const partSize = partSizeOf(size)
  const rest = size - (partNumber - 1) * partSize
  return rest > 0 ? Math.min(rest, partSize) : undefined
}
