/**
 * The sizes at which a bin begins, in bytes. Every size that a price or a rule depends on is one of them, so sums over a
 * bin are as exact as sums over its objects.
 */
export const SIZE_EDGES = [
  0, 4096, 16_384, 65_536, 131_072, 524_288, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456, 1_073_741_824,
  5_368_709_120,
] as const

/** The bin of an object. @param size bytes */
export function binOf(size: number): number {
  let bin = SIZE_EDGES.length - 1
  while (bin > 0 && size < SIZE_EDGES[bin]!) bin--
  return bin
}
