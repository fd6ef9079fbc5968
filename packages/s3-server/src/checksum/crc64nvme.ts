// The reflected polynomial 0x9a6c9329ac4bc9b5 in two halves: JavaScript's fast integers have 32 bits.
const POLYNOMIAL_HIGH = 0x9a6c9329
const POLYNOMIAL_LOW = 0xac4bc9b5

// Eight tables ("slicing by 8"), each as its high and its low halves: table k advances a byte by k more zero bytes.
const { HIGH, LOW } = ((): { HIGH: Int32Array; LOW: Int32Array } => {
  const high = new Int32Array(8 * 256)
  const low = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let h = 0
    let l = byte
    for (let bit = 0; bit < 8; bit++) {
      const out = l & 1
      l = (l >>> 1) | (h << 31)
      h >>>= 1
      if (out) {
        h ^= POLYNOMIAL_HIGH
        l ^= POLYNOMIAL_LOW
      }
    }
    high[byte] = h
    low[byte] = l
  }
  for (let at = 256; at < high.length; at++) {
    const h = high[at - 256]!
    const l = low[at - 256]!
    high[at] = (h >>> 8) ^ high[l & 255]!
    low[at] = ((l >>> 8) | (h << 24)) ^ low[l & 255]!
  }
  return { HIGH: high, LOW: low }
})()

/** A running CRC-64/NVME. @see https://nvmexpress.org/specifications (NVM Command Set, 64b CRC) */
export class Crc64Nvme {
  #high = -1
  #low = -1

  update(data: Uint8Array): void {
    let high = this.#high
    let low = this.#low
    let at = 0
    for (const end = data.length - 7; at < end; at += 8) {
      const l = low ^ (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24))
      const h = high ^ (data[at + 4]! | (data[at + 5]! << 8) | (data[at + 6]! << 16) | (data[at + 7]! << 24))
      const a = 1792 + (l & 255)
      const b = 1536 + ((l >>> 8) & 255)
      const c = 1280 + ((l >>> 16) & 255)
      const d = 1024 + (l >>> 24)
      const e = 768 + (h & 255)
      const f = 512 + ((h >>> 8) & 255)
      const g = 256 + ((h >>> 16) & 255)
      const i = h >>> 24
      high = HIGH[a]! ^ HIGH[b]! ^ HIGH[c]! ^ HIGH[d]! ^ HIGH[e]! ^ HIGH[f]! ^ HIGH[g]! ^ HIGH[i]!
      low = LOW[a]! ^ LOW[b]! ^ LOW[c]! ^ LOW[d]! ^ LOW[e]! ^ LOW[f]! ^ LOW[g]! ^ LOW[i]!
    }
    for (; at < data.length; at++) {
      const index = (low ^ data[at]!) & 255
      low = ((low >>> 8) | (high << 24)) ^ LOW[index]!
      high = (high >>> 8) ^ HIGH[index]!
    }
    this.#high = high
    this.#low = low
  }

  /** Eight bytes, big endian, as S3 encodes them. */
  digest(): Buffer {
    const out = Buffer.alloc(8)
    out.writeInt32BE(~this.#high, 0)
    out.writeInt32BE(~this.#low, 4)
    return out
  }
}
