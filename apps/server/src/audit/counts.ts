/** Counts by number, as one day keeps them: ascending, each number as the distance to the one before. */
export function encodeCounts(pairs: readonly (readonly [no: number, count: number])[]): Buffer {
  const bytes: number[] = []
  let last = 0
  for (const [no, count] of pairs) {
    writeVarint(bytes, no - last)
    writeVarint(bytes, count)
    last = no
  }
  return Buffer.from(bytes)
}

/** Adds the counts of one day to `sums`, which has a place for every number. */
export function addCounts(encoded: Uint8Array, sums: Float64Array): void {
  let no = 0
  for (let at = 0; at < encoded.length;) {
    let value = 0
    let factor = 1
    let byte: number
    do {
      byte = encoded[at++]!
      value += (byte & 127) * factor
      factor *= 128
    } while (byte > 127)
    no += value
    value = 0
    factor = 1
    do {
      byte = encoded[at++]!
      value += (byte & 127) * factor
      factor *= 128
    } while (byte > 127)
    sums[no]! += value
  }
}

function writeVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
