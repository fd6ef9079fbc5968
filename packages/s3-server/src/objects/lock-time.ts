const ISO_TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})$/

/** Milliseconds since 1970 of a retain-until date; undefined for a text that is no ISO 8601 time. */
export const parseLockTime = (text: string): number | undefined => {
  const time = ISO_TIME.test(text.trim()) ? Date.parse(text.trim()) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
