import type { Endpoint } from './endpoint.ts'
import type { RefusedRequests } from './send-without-refused.ts'

/** Where a key's versions come from and go to. */
export interface CopyPlace {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly bucket: string
  readonly key: string
  readonly toBucket: string
  readonly toKey: string
  readonly refused: RefusedRequests
  /** Days for which archived objects are restored at the source to be read; undefined: they are not. */
  readonly restoreDays: number | undefined
}
