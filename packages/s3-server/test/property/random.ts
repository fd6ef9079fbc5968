import { createHash } from 'node:crypto'

/** A source of choices that a seed repeats (sfc32). */
export class Random {
  readonly #words: Uint32Array

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest()
    this.#words = Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32LE(at))
  }

  /** 32 bits. */
  #word(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#words
    const sum = (a + b + counter) >>> 0
    this.#words.set([b ^ (b >>> 9), (c + (c << 3)) >>> 0, ((c << 21) | (c >>> 11)) + sum, counter + 1])
    return sum
  }

  /** 0 to `limit`, exclusive. */
  int(limit: number): number {
    return Math.floor((this.#word() / 2 ** 32) * limit)
  }

  chance(probability: number): boolean {
    return this.#word() / 2 ** 32 < probability
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from')
    return list[this.int(list.length)] as T
  }

  /** One of the values, each as likely as its weight. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.int(choices.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, value] of choices) {
      left -= weight
      if (left < 0) return value
    }
    throw new Error('no weights')
  }

  bytes(length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length + 4)
    for (let at = 0; at < length; at += 4) buffer.writeUInt32LE(this.#word(), at)
    return buffer.subarray(0, length)
  }
}
