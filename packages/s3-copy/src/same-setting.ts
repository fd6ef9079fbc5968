const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === false ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** Without what is not said: absent, false and empty are the same in all of these documents. */
const normalise = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(normalise)
  if (typeof value === 'string' && value.startsWith('{')) return normalise(JSON.parse(value))
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, each]) => [name, normalise(each)] as const)
      .filter(([, each]) => !isNothing(each))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Whether a document says nothing, as some stores answer where nothing was set. */
export const isEmptySetting = (value: unknown): boolean => isNothing(normalise(value))

/** Whether two documents of a setting say the same. */
export const sameSetting = (a: unknown, b: unknown): boolean =>
  JSON.stringify(normalise(a) ?? null) === JSON.stringify(normalise(b) ?? null)
