import type { RequestRecord } from '@skycrate/s3-server/handle-request'

/** What the log says of a request that the embedded store could not answer; undefined where it did. */
export function storeFault(record: RequestRecord, namesKeys: boolean): Record<string, unknown> | undefined {
  const { status, key, id, operation, bucket, code, cause } = record
  if (status < 500) return undefined
  return { s3RequestId: id, operation, bucket, code, cause, ...(namesKeys ? { key } : {}) }
}
