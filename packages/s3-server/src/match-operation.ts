import type { HeaderReader } from './http/header-reader.ts'
import type { Query } from './http/query.ts'
import type { Operation } from './operation.ts'
import { S3Error } from './s3-error.ts'

type Level = 'service' | 'bucket' | 'object'

const isAt = ({ scope }: Operation, level: Level): boolean =>
  scope === 'any' || (scope === 'bucket-name' ? 'bucket' : scope) === level

const weightOf = ({ requires = [], requiresHeader }: Operation): number =>
  requires.length + (requiresHeader === undefined ? 0 : 1)

type Candidates = ReadonlyMap<string, readonly Operation[]>

const sortings = new WeakMap<readonly Operation[], Candidates>()

/** The operations by level and method, those that ask for more first. */
const sortOperations = (operations: readonly Operation[]): Candidates => {
  const known = sortings.get(operations)
  if (known !== undefined) return known
  const sorted = operations.toSorted((a, b) => weightOf(b) - weightOf(a))
  const candidates = new Map<string, readonly Operation[]>()
  for (const level of ['service', 'bucket', 'object'] as const) {
    const groups = Map.groupBy(
      sorted.filter((operation) => isAt(operation, level)),
      ({ method }) => `${level} ${method}`,
    )
    for (const [place, group] of groups) candidates.set(place, group)
  }
  sortings.set(operations, candidates)
  return candidates
}

/** Names in a query that ask for something else than the bucket or the object itself, whether it is known here or not. */
const SUBRESOURCES: ReadonlySet<string> = new Set(
  `abac accelerate acl analytics annotation attributes cors delete encryption intelligent-tiering inventory legal-hold
   lifecycle list-type location logging metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable
   metrics notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock renameObject
   replication requestPayment restore retention select select-type session tagging torrent uploadId uploads versionId
   versioning versions website`.split(/\s+/),
)

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
 * (`?acl`, `?retention`), and acting on the object itself instead would be wrong, so it is refused. Reads pass over
 * names that are none of S3's sub-resources.
 *
 * @throws S3Error NotImplemented or MethodNotAllowed, InvalidRequest for a URL signed with the retired Version 2
 */
export const matchOperation = (operations: readonly Operation[], input: MatchInput): Operation => {
  const { method, bucket, key, query, headers } = input
  const level: Level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object'
  const found = sortOperations(operations)
    .get(`${level} ${method}`)
    ?.find(
      ({ requires = [], requiresHeader }) =>
        requires.every((name) => query.has(name)) && (requiresHeader === undefined || headers.has(requiresHeader)),
    )
  const { requires = [], allows = [] } = found ?? {}
  const isRead = method === 'GET' || method === 'HEAD'
  if (query.has('AWSAccessKeyId') && query.has('Signature')) {
    throw new S3Error('InvalidRequest', {
      message:
        'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. ' +
        "For boto3, create the client with Config(signature_version='s3v4'); for the AWS CLI, run " +
        '`aws configure set default.s3.signature_version s3v4`.',
    })
  }
  for (const name of query.names()) {
    const isKnown = allows === 'any' || requires.includes(name) || allows.includes(name)
    // Of reads, S3 passes over what it does not know: pages and mails add names of their own to links.
    const isPassedOver = isNeutral(name) || (found !== undefined && isRead && !SUBRESOURCES.has(name))
    if (!isKnown && !isPassedOver) {
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
