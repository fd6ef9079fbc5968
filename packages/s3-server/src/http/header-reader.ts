import type { IncomingMessage } from 'node:http'
import type { Query } from './query.ts'

/** Request headers by lower-case name, one char a byte. Headers given several times are joined, as HTTP says. */
export class HeaderReader {
  readonly #values = new Map<string, string>()

  constructor(headers: IncomingMessage['headersDistinct']) {
    for (const [name, values] of Object.entries(headers)) {
      if (values !== undefined) this.#values.set(name, values.join(','))
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  entries(): Iterable<[string, string]> {
    return this.#values.entries()
  }

  /** The same without the headers whose names begin so. */
  without(prefix: string): HeaderReader {
    return new HeaderReader(
      Object.fromEntries(
        [...this.#values].filter(([name]) => !name.startsWith(prefix)).map(([name, value]) => [name, [value]]),
      ),
    )
  }

  /**
   * Adds the `x-amz-*` parameters of a presigned query, into which signers move headers. They were signed with the
   * query; headers that are really there win.
   */
  adopt(query: Query): void {
    for (const [name, value] of query.entries()) {
      const header = name.toLowerCase()
      if (!header.startsWith('x-amz-') || this.#values.has(header)) continue
      this.#values.set(header, Buffer.from(value).toString('latin1'))
    }
  }
}
