import { createWriteStream } from 'node:fs'
import type { WriteStream } from 'node:fs'
import type { RequestRecord } from '../handle-request.ts'

/** Bytes waiting for a slow disk beyond which lines are dropped rather than kept in memory. */
const MAX_WAITING = 8 * 1024 ** 2

/**
 * One JSON line a request, appended to a file: time, address, operation, bucket and key, status, bytes, milliseconds. No
 * signature, token or query is in it.
 */
export class AccessLog {
  readonly #path: string
  readonly #onFailure: (error: Error) => void
  #file: WriteStream

  /** @param onFailure told when the file can't be written; requests go on without it */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.#path = path
    this.#onFailure = onFailure
    this.#file = this.#open()
  }

  /** @param now milliseconds since 1970 */
  write({ cause: _cause, ...record }: RequestRecord, now: number): void {
    if (this.#file.writableLength > MAX_WAITING || this.#file.destroyed) return
    const milliseconds = Math.round(record.milliseconds * 1000) / 1000
    this.#file.write(`${JSON.stringify({ at: new Date(now).toISOString(), ...record, milliseconds })}\n`)
  }

  /** Goes on in a new file under the old name, after the old one was moved away. */
  reopen(): void {
    const old = this.#file
    this.#file = this.#open()
    old.end()
  }

  /** Resolves when every line is written. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#file.destroyed) resolve()
      else this.#file.once('close', resolve).end()
    })
  }

  #open(): WriteStream {
    return createWriteStream(this.#path, { flags: 'a', mode: 0o640 }).on('error', this.#onFailure)
  }
}
