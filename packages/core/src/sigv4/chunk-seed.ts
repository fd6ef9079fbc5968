import type { KeyObject } from 'node:crypto'

/** What a chunked body's first chunk signature builds on: the signature of the request that carries it. */
export interface ChunkSeed {
  /** 64 lower-case hex digits. */
  readonly signature: string
  readonly signingKey: KeyObject
  readonly scope: string
  /** `YYYYMMDDTHHMMSSZ` */
  readonly amzDate: string
}
