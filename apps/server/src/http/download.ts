import type { Readable } from 'node:stream'

/** An answer that is saved as a file and sent while it is being made. */
export class Download {
  readonly type: string
  readonly filename: string
  readonly body: Readable

  /** @param filename ASCII letters, digits, `.` and `-` */
  constructor(type: string, filename: string, body: Readable) {
    this.type = type
    this.filename = filename
    this.body = body
  }
}
