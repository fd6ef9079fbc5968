import { S3Error } from '../s3-error.ts'

/**
 * One percent-decoding pass of one component. `+` stays as it is: S3 signs and stores it literally in paths.
 *
 * @throws S3Error InvalidURI for a broken escape or bytes that are not UTF-8
 */
export const decodeComponent = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    throw new S3Error('InvalidURI', { cause: error })
  }
}

/** The decoded query of a request; a name without `=` has the value ''. */
export class Query {
  readonly #values = new Map<string, string>()

  /** @throws S3Error InvalidURI (bad escapes) or InvalidArgument (a name given twice, which no S3 client does) */
  constructor(raw: string) {
    if (raw === '') return
    for (const pair of raw.split('&')) {
      if (pair === '') continue
      const at = pair.indexOf('=')
      const name = decodeComponent((at === -1 ? pair : pair.slice(0, at)).replaceAll('+', ' '))
      const value = at === -1 ? '' : decodeComponent(pair.slice(at + 1).replaceAll('+', ' '))
      if (this.#values.has(name)) {
        throw new S3Error('InvalidArgument', { message: `The query parameter ${name} is given more than once.` })
      }
      this.#values.set(name, value)
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
}
