import { detached } from './detached.ts'

export interface DuplicateGroup {
  readonly etag: string
  readonly size: number
  count: number
  /** Some of the keys. */
  readonly keys: string[]
}

/** Objects whose sums are held; those that are smaller than all of these are passed over. */
const HELD = 20_000
const KEYS = 5

/**
 * Objects with the same ETag and size, among the largest of a bucket: memory stays the same however many there are.
 * What is found is the same in every order of the objects but for ties in size.
 */
export class Duplicates {
  readonly #groups: Map<string, DuplicateGroup>
  #least: number

  constructor(kept: { readonly groups: readonly DuplicateGroup[]; readonly least: number } = { groups: [], least: 1 }) {
    this.#groups = new Map(kept.groups.map((group) => [`${group.size} ${group.etag}`, group]))
    this.#least = kept.least
  }

  /** Bytes from which an object is looked at. */
  get least(): number {
    return this.#least
  }

  add(key: string, size: number, etag: string): void {
    if (size < this.#least || etag === '') return
    const name = `${size} ${etag}`
    const group = this.#groups.get(name)
    if (group !== undefined) {
      group.count += 1
      if (group.keys.length < KEYS) group.keys.push(detached(key))
      return
    }
    this.#groups.set(detached(name), { etag: detached(etag), size, count: 1, keys: [detached(key)] })
    if (this.#groups.size > HELD) this.#drop()
  }

  #drop(): void {
    const sizes = [...this.#groups.values()].map(({ size }) => size).toSorted((a, b) => b - a)
    this.#least = sizes[HELD / 2]! + 1
    for (const [name, { size }] of this.#groups) if (size < this.#least) this.#groups.delete(name)
  }

  toJSON(): { groups: DuplicateGroup[]; least: number } {
    return { groups: [...this.#groups.values()], least: this.#least }
  }

  /** Those that take most space beyond one copy. */
  found(limit: number): { groups: DuplicateGroup[]; objects: number; bytes: number; least: number } {
    const all = [...this.#groups.values()].filter(({ count }) => count > 1)
    const wasted = ({ size, count }: DuplicateGroup): number => size * (count - 1)
    return {
      groups: all.toSorted((a, b) => wasted(b) - wasted(a)).slice(0, limit),
      objects: all.reduce((sum, { count }) => sum + count - 1, 0),
      bytes: all.reduce((sum, group) => sum + wasted(group), 0),
      least: this.#least,
    }
  }
}
