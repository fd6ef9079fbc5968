import type { SkyCrateClient } from '@skycrate/client/client'
import type { Slots } from './slots.ts'
import type { UrlBatches } from './url-batches.ts'

/** Connections that transfers of some length leave for downloads and small files. */
export const LEAVE = 1

/** What the sending of one file uses, until it is done or stopped. */
export interface Sending {
  readonly api: SkyCrateClient
  readonly urls: UrlBatches
  readonly slots: Slots
  /** Repeats what fails for a while. @throws the attempt's error; the reason of a stop */
  readonly keepTrying: <T>(attempt: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** It has a connection. */
  readonly onSending: () => void
  readonly onProgress: () => void
  /** So that it can be gone on with after a reload. */
  readonly keep: () => Promise<void>
}
