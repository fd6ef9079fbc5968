/** `?name=value…` in the order given, without what is undefined; '' where nothing is left. */
export function routeQuery(query: Readonly<Record<string, unknown>> | undefined): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      search.append(name, String(value))
    }
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
