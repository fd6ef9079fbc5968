import type { TieringRule } from '@skycrate/contract/storage/rule-schemas'
import type { StoreResult } from './object-store.ts'

/** A bucket's lifecycle rules as SkyCrate sees them. */
export interface BucketRules {
  /** Those that SkyCrate made for storage classes. */
  readonly rules: readonly TieringRule[]
  /** How many others there are: of other tools, and SkyCrate's own for retention. They are never changed. */
  readonly others: number
  /** Days after which those others delete, at the earliest; null where none does. */
  readonly othersDelete: { readonly noncurrent: number | null; readonly upload: number | null }
  /** Of all rules: another one means that somebody changed some. */
  readonly version: string
}

/** Reads and changes the rules by which a store moves objects itself. Throws as `Store` says. */
export interface TieringStore {
  readTiering(bucket: string): Promise<StoreResult<BucketRules>>
  /**
   * Replaces SkyCrate's rules and keeps all others.
   * @returns `changed` where the rules are not those of `version`; nothing is written then
   */
  changeTiering(
    bucket: string,
    rules: readonly TieringRule[],
    version: string,
  ): Promise<
    | { readonly ok: true; readonly value: BucketRules }
    | { readonly ok: false; readonly reason: 'no-such-bucket' | 'changed' | 'not-kept' }
  >
}
