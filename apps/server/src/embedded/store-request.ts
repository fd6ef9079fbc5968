import type { RequestRecord } from '@skycrate/s3-server/handle-request'

/** What the log says of a request that the embedded store answered: a line of an access log. */
export function storeRequest(record: RequestRecord, namesKeys: boolean): Record<string, unknown> {
  const { id, key, cause: _cause, ...answered } = record
  return { s3RequestId: id, ...answered, ...(namesKeys ? { key } : {}) }
}
