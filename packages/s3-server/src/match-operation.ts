import type { HeaderReader } from './http/header-reader.ts'
import type { Query } from './http/query.ts'
import type { Operation } from './operation.ts'
import { S3Error } from './s3-error.ts'

type Level = 'service' | 'bucket' | 'object'

const isAt = ({ scope }: Operation, level: Level): boolean =>
  scope === 'any' || (scope === 'bucket-name' ? 'bucket' : scope) === level

/** Signatures, and the `x-…` names that S3 leaves to clients for their own notes. */
const isNeutral = (name: string): boolean => /^x-/i.test(name)

export interface MatchInput {
  readonly method: string
  readonly bucket: string | undefined
  readonly key: string | undefined
  readonly query: Query
  readonly headers: HeaderReader
}

/**
 * Finds the operation of a request. A query parameter that the operation does not know may name a sub-resource
 * (`?acl`, `?retention`), and acting on the object itself instead would be wrong, so it is refused.
 *
 * @throws S3Error NotImplemented or MethodNotAllowed
 */
export const matchOperation = (operations: readonly Operation[], input: MatchInput): Operation => {
  const { method, bucket, key, query, headers } = input
  const level: Level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object'
  const weight = (operation: Operation): number =>
    (operation.requires?.length ?? 0) + (operation.requiresHeader === undefined ? 0 : 1)
  const [found] = operations
    .filter(
      (operation) =>
        isAt(operation, level) &&
        operation.method === method &&
        (operation.requires ?? []).every((name) => query.has(name)) &&
        (operation.requiresHeader === undefined || headers.has(operation.requiresHeader)),
    )
    .toSorted((a, b) => weight(b) - weight(a))
  const { requires = [], allows = [] } = found ?? {}
  const known = new Set([...requires, ...(allows === 'any' ? [...query.names()] : allows)])
  for (const name of query.names()) {
    if (!known.has(name) && !isNeutral(name)) {
      throw new S3Error('NotImplemented', {
        message: `${method} with the query parameter ${name} is not implemented.`,
        fields: { Header: name },
      })
    }
  }
  if (found === undefined)
    throw new S3Error('MethodNotAllowed', { fields: { Method: method, ResourceType: level.toUpperCase() } })
  return found
}
