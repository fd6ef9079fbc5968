import type { Endpoint } from './endpoint.ts'
import type { Report } from './report.ts'
import type { Tally } from './tally.ts'

export type Mode = 'copy' | 'dry-run' | 'verify' | 'verify-deep'

/** A bucket on its way. */
export interface BucketCopy {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly bucket: string
  readonly toBucket: string
  /** What the keys get in front of them: '' or the name of a folder with its slash. */
  readonly toPrefix: string
  readonly mode: Mode
  /** Names of settings that are not to come over. */
  readonly left: ReadonlySet<string>
  /** As of `CopyPlace`. */
  readonly restoreDays: number | undefined
  /** Keys at once. */
  readonly concurrency: number
  readonly report: Report
  readonly tally: Tally
}
