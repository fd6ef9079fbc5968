import { parseQuery } from '@skycrate/core/sigv4/query'
import { S3Error } from '../s3-error.ts'

/** The decoded query of a request; a name without `=` has the value ''. */
export class Query {
  readonly #values: ReadonlyMap<string, string>

  /** @throws S3Error InvalidURI (bad escapes) or InvalidArgument (a name given twice, which no S3 client does) */
  constructor(raw: string) {
    const parameters = parseQuery(raw)
    if (parameters === undefined) throw new S3Error('InvalidURI')
    this.#values = new Map(parameters)
    if (this.#values.size < parameters.length) {
      throw new S3Error('InvalidArgument', { message: 'A query parameter is given more than once.' })
    }
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  names(): Iterable<string> {
    return this.#values.keys()
  }

  entries(): Iterable<[string, string]> {
    return this.#values.entries()
  }
}
