import type { ChecksumAlgorithm } from './checksum-algorithm.ts'

export type CrcAlgorithm = Extract<ChecksumAlgorithm, 'CRC32' | 'CRC32C' | 'CRC64NVME'>

// Reflected polynomials: the coefficient of the highest power is the lowest bit.
const POLYNOMIALS: Readonly<Record<CrcAlgorithm, { readonly width: bigint; readonly polynomial: bigint }>> = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
}

/** The CRC of data put together, from the CRCs and lengths of its pieces alone. */
export class CrcCombiner {
  readonly #width: bigint
  readonly #polynomial: bigint
  /** x to the power of 8 times a length, modulo the polynomial. Parts are mostly of one length. */
  readonly #powers = new Map<number, bigint>()
  #value = 0n

  constructor(algorithm: CrcAlgorithm) {
    this.#width = POLYNOMIALS[algorithm].width
    this.#polynomial = POLYNOMIALS[algorithm].polynomial
  }

  /** @param length bytes of the piece that `crc` was computed over */
  append(crc: Buffer, length: number): void {
    const value = BigInt(`0x${crc.toString('hex')}`)
    this.#value = this.#multiply(this.#power(length), this.#value) ^ value
  }

  digest(): Buffer {
    return Buffer.from(this.#value.toString(16).padStart(Number(this.#width / 4n), '0'), 'hex')
  }

  /** Product of two polynomials modulo the CRC's. */
  #multiply(a: bigint, b: bigint): bigint {
    let product = 0n
    let factor = b
    for (let bit = 1n << (this.#width - 1n); bit !== 0n; bit >>= 1n) {
      if ((a & bit) !== 0n) product ^= factor
      factor = (factor & 1n) === 0n ? factor >> 1n : (factor >> 1n) ^ this.#polynomial
    }
    return product
  }

  #power(length: number): bigint {
    let power = this.#powers.get(length)
    if (power === undefined) {
      power = 1n << (this.#width - 1n)
      // x, then its squares.
      let square = power >> 1n
      for (let exponent = BigInt(length) * 8n; exponent > 0n; exponent >>= 1n) {
        if ((exponent & 1n) === 1n) power = this.#multiply(square, power)
        square = this.#multiply(square, square)
      }
      this.#powers.set(length, power)
    }
    return power
  }
}
