import { createHash } from 'node:crypto'

/** Bytes that an object, or a part of one, may have. */
export interface Content {
  readonly bytes: Buffer
  /** Of all bytes, in hex. */
  readonly md5: string
  /** Sizes of the parts it was put together of; empty for bytes that came in one piece. */
  readonly partSizes: readonly number[]
}

const hexMd5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')

/** Every content that was ever sent, by its entity tag. */
export class ContentBook {
  readonly #byTag = new Map<string, Content>()

  /** Gives the entity tag. */
  add(bytes: Buffer): string {
    const md5 = hexMd5(bytes)
    if (!this.#byTag.has(md5)) this.#byTag.set(md5, { bytes, md5, partSizes: [] })
    return md5
  }

  /** Gives the entity tag of an object put together of these parts. */
  join(partTags: readonly string[]): string {
    const parts = partTags.map((tag) => this.of(tag).bytes)
    const tag = `${hexMd5(Buffer.concat(partTags.map((part) => Buffer.from(part, 'hex'))))}-${partTags.length}`
    if (!this.#byTag.has(tag)) {
      const bytes = Buffer.concat(parts)
      // A copy into another encryption makes one piece of it.
      const md5 = this.add(bytes)
      this.#byTag.set(tag, { bytes, md5, partSizes: parts.map((part) => part.length) })
    }
    return tag
  }

  find(tag: string): Content | undefined {
    return this.#byTag.get(tag)
  }

  of(tag: string): Content {
    const content = this.#byTag.get(tag)
    if (content === undefined) throw new Error(`no content has the tag ${tag}`)
    return content
  }

  /** Enters the bytes with this tag that are such a slice of something known. False when there is none. */
  learnSlice(tag: string, start: number, end: number): boolean {
    if (this.#byTag.has(tag)) return true
    for (const { bytes } of [...this.#byTag.values()].toReversed()) {
      if (bytes.length >= end && this.add(bytes.subarray(start, end)) === tag) return true
    }
    return false
  }

  /** The tag of some of a content's bytes. */
  sliceTag(tag: string, start: number, end: number): string {
    return this.add(this.of(tag).bytes.subarray(start, end))
  }
}
