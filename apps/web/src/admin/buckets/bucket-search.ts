import type { BucketSummary } from '@skycrate/contract/buckets/schemas'
import { BUCKET_KINDS, BUCKET_STATES } from './bucket-words.ts'

/** The filters of the list of buckets as they stand in the address. */
export interface BucketSearch {
  readonly search?: string
  readonly kind?: BucketSummary['kind']
  readonly state?: BucketSummary['state']
}

const isKind = (value: unknown): value is BucketSummary['kind'] =>
  typeof value === 'string' && Object.hasOwn(BUCKET_KINDS, value)
const isState = (value: unknown): value is BucketSummary['state'] =>
  typeof value === 'string' && Object.hasOwn(BUCKET_STATES, value)

/** Leaves out what the API would refuse. */
export function parseBucketSearch({ search, kind, state }: Record<string, unknown>): BucketSearch {
  return {
    ...(typeof search === 'string' && search !== '' ? { search: search.slice(0, 255) } : {}),
    ...(isKind(kind) ? { kind } : {}),
    ...(isState(state) ? { state } : {}),
  }
}
