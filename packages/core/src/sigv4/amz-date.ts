const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/
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
  const parts = AMZ_DATE.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // Date.parse takes 31 February for 3 March and 24:00 for the next day.
  return Number.isNaN(ms) || formatAmzDate(ms) !== text ? undefined : ms
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
