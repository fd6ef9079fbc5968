import { decodeQueryText } from './decode.ts'
import { encodeQuery } from './encode.ts'

/** A decoded query parameter. `?uploads` and `?uploads=` are the same parameter. */
export type QueryParameter = readonly [name: string, value: string]

/**
 * Reads a query string as it came on the wire, without its `?`. Empty pieces (`&&`) are dropped; order and duplicates
 * are kept. The signature is checked over this reading, so the server must act on it and on no other.
 *
 * @returns undefined when a piece can't be decoded
 */
export function parseQuery(rawQuery: string): QueryParameter[] | undefined {
  const parameters: QueryParameter[] = []
  if (rawQuery === '') return parameters
  for (const piece of rawQuery.split('&')) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    const name = decodeQueryText(equals === -1 ? piece : piece.slice(0, equals))
    const value = equals === -1 ? '' : decodeQueryText(piece.slice(equals + 1))
    if (name === undefined || value === undefined) return undefined
    parameters.push([name, value])
  }
  return parameters
}

/**
 * The canonical query: encoded, sorted by encoded name and then by encoded value. Sorting the joined strings would
 * differ, since `=` sorts after `-`, `.` and the digits.
 *
 * @throws URIError for a lone surrogate
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function canonicalQuery(parameters: readonly QueryParameter[]): string {
  if (parameters.length === 0) return ''
  const encoded = parameters.map(([name, value]) => [encodeQuery(name), encodeQuery(value)] as const)
  if (encoded.length > 1) encoded.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
  let text = ''
  for (const [name, value] of encoded) text += `${text === '' ? '' : '&'}${name}=${value}`
  return text
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
