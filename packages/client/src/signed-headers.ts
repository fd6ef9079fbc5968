/** Those a page or `fetch` may not set by hand: they follow from the URL and the body, to the values that were signed. */
const SET_BY_THE_TRANSPORT: ReadonlySet<string> = new Set(['host', 'content-length'])

/** The headers of a vended URL that its user has to send. */
export function signedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SET_BY_THE_TRANSPORT.has(name.toLowerCase())))
}
