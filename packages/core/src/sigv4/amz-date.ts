const AMZ_DATE = /^\d{8}T\d{6}Z$/
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * `YYYYMMDDTHHMMSSZ`, the form of `x-amz-date`. Milliseconds are cut off.
 *
 * @param ms milliseconds since the epoch, in the years 0 to 9999
 * @throws RangeError outside them
 */
export function formatAmzDate(ms: number): string {
  const iso = new Date(ms).toISOString()
  if (iso.length !== 24) throw new RangeError('the date has no four-digit year')
  return (
    iso.slice(0, 4) +
    iso.slice(5, 7) +
    iso.slice(8, 10) +
    'T' +
    iso.slice(11, 13) +
    iso.slice(14, 16) +
    iso.slice(17, 19) +
    'Z'
  )
}

/**
 * Strict: the basic ISO form in UTC with whole seconds, and a date that exists.
 *
 * @returns milliseconds since the epoch, or undefined
 */
export function parseAmzDate(text: string): number | undefined {
  if (!AMZ_DATE.test(text)) return undefined
  const year = Number(text.slice(0, 4))
  const month = Number(text.slice(4, 6))
  const day = Number(text.slice(6, 8))
  const hour = Number(text.slice(9, 11))
  const minute = Number(text.slice(11, 13))
  const second = Number(text.slice(13, 15))
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  // Not Date.UTC, which takes the year 50 for 1950.
  date.setUTCFullYear(year, month - 1, day)
  // The 31st of February becomes the 3rd of March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
}

/**
 * The preferred form of an HTTP `Date` header, which stands in where a client can't send `x-amz-date`.
 *
 * @returns milliseconds since the epoch, or undefined
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) || new Date(ms).toUTCString() !== text ? undefined : ms
}
