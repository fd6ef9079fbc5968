import { S3ControlError } from '@skycrate/aws-wire/s3-control'
import { parseQuery } from '@skycrate/core/sigv4/query'

/** The decoded query, as it was signed. */
export type GrantQuery = ReadonlyMap<string, string>

/** @throws S3ControlError InvalidRequest for a query that can be read in two ways */
export function readGrantQuery(rawQuery: string): GrantQuery {
  const parameters = parseQuery(rawQuery)
  const query = new Map(parameters)
  if (parameters === undefined || query.size < parameters.length) {
    throw new S3ControlError('InvalidRequest', 'The query cannot be read, or has a parameter twice.')
  }
  return query
}

const DEFAULT_PAGE = 1000

/** @throws S3ControlError InvalidRequest */
export function readMaxResults(query: GrantQuery): number {
  const value = query.get('maxResults')
  const count = value === undefined ? DEFAULT_PAGE : /^\d{1,4}$/.test(value) ? Number(value) : -1
  if (count < 0 || count > DEFAULT_PAGE) throw new S3ControlError('InvalidRequest', 'maxResults has to be 0 to 1000.')
  return count === 0 ? DEFAULT_PAGE : count
}
