import type { UserId } from '@skycrate/core/naming/id'

/** Entries of each of the two generations. */
const MAX_ENTRIES = 5000
/** Characters of the tokens of each generation. */
const MAX_CHARACTERS = 16_000_000

interface Entry<T> {
  readonly value: T
  readonly until: number
}

/**
 * Verified tokens and what they stand for, bounded in number and size. Two generations: what is used moves to the young
 * one, and when that is full the old one is forgotten, so that a hit costs one look-up.
 */
export class SignedInCache<T extends { readonly userId: UserId }> {
  #young = new Map<string, Entry<T>>()
  #old = new Map<string, Entry<T>>()
  #characters = 0
  #forgotten = 0

  /** Grows whenever something is forgotten, so that what was found out before is not kept after. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** @param now milliseconds since the epoch */
  get(token: string, now: number): T | undefined {
    let entry = this.#young.get(token)
    if (!entry) {
      entry = this.#old.get(token)
      if (!entry) return undefined
      this.#old.delete(token)
      this.#keep(token, entry)
    }
    if (entry.until > now) return entry.value
    this.#young.delete(token)
    return undefined
  }

  /** @param until milliseconds since the epoch */
  set(token: string, value: T, until: number): void {
    this.#keep(token, { value, until })
  }

  forgetUser(userId: UserId): void {
    this.#forgotten++
    for (const generation of [this.#young, this.#old]) {
      for (const [token, entry] of generation) if (entry.value.userId === userId) generation.delete(token)
    }
  }

  clear(): void {
    this.#forgotten++
    this.#young.clear()
    this.#old.clear()
    this.#characters = 0
  }

  #keep(token: string, entry: Entry<T>): void {
    if (this.#young.size >= MAX_ENTRIES || this.#characters + token.length > MAX_CHARACTERS) {
      this.#old = this.#young
      this.#young = new Map()
      this.#characters = 0
    }
    this.#young.set(token, entry)
    this.#characters += token.length
  }
}
