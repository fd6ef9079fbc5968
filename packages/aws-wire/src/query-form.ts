export interface QueryForm {
  readonly parameters: ReadonlyMap<string, string>
  /** A name that is given more than once: no client of AWS does, and which value counts would be a guess. */
  readonly repeated: string | undefined
}

/**
 * The parameters of a request of AWS's query protocol.
 *
 * @param text `application/x-www-form-urlencoded`: of the body, of the query, or of both joined by `&`
 */
export const readQueryForm = (text: string): QueryForm => {
  const parameters = new Map<string, string>()
  let repeated: string | undefined
  for (const [name, value] of new URLSearchParams(text)) {
    if (parameters.has(name)) repeated ??= name
    parameters.set(name, value)
  }
  return { parameters, repeated }
}
