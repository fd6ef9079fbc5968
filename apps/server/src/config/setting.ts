/** What a setting's text means, or what is wrong with it: a sentence without the setting's name. */
export type Parsed<T> = { readonly value: T } | { readonly mistake: string }

export interface Setting<T> {
  readonly description: string
  /** The text that stands in where the setting is absent; undefined leaves it absent. */
  readonly fallback?: string
  /** A secret's value is never printed, not even in a mistake. */
  readonly secret?: true
  readonly parse: (text: string) => Parsed<T>
}

export const text =
  (pattern?: RegExp, shape = 'not of the form it needs') =>
  (value: string): Parsed<string> =>
    pattern && !pattern.test(value) ? { mistake: shape } : { value }

export const integer =
  (minimum: number, maximum: number) =>
  (value: string): Parsed<number> => {
    const number = Number(value)
    return /^\d+$/.test(value) && number >= minimum && number <= maximum
      ? { value: number }
      : { mistake: `must be a whole number from ${minimum} to ${maximum}` }
  }

export const boolean = (value: string): Parsed<boolean> =>
  value === 'true' ? { value: true } : value === 'false' ? { value: false } : { mistake: 'must be true or false' }

export const oneOf =
  <const T extends string>(...choices: readonly T[]) =>
  (value: string): Parsed<T> =>
    (choices as readonly string[]).includes(value)
      ? { value: value as T }
      : { mistake: `must be one of ${choices.join(', ')}` }

/** How many proxies stand in front: `true` is one. */
export const proxies = (value: string): Parsed<number> =>
  /^([0-9]|10)$/.test(value)
    ? { value: Number(value) }
    : value === 'true' || value === 'false'
      ? { value: value === 'true' ? 1 : 0 }
      : { mistake: 'must be true, false or the number of proxies, up to 10' }

/** An origin (scheme, host, port), kept without its trailing slash. */
export const origin = (value: string): Parsed<string> => {
  if (!URL.canParse(value)) return { mistake: 'must be a URL such as https://files.example.com' }
  const url = new URL(value)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { mistake: 'must start with http:// or https://' }
  if (url.pathname !== '/' || url.search || url.hash || url.username) {
    return { mistake: 'must be only scheme, host and port, without path, query or user' }
  }
  // To a bucket a star means any characters, to a browser and to the API none.
  if (url.hostname.includes('*')) return { mistake: 'must name each host: a wildcard (*) is not supported' }
  return { value: url.origin }
}
