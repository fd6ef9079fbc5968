import type { Problem, ProblemCode } from '@skycrate/contract/problem'

/**
 * What can go wrong on this side of the API: nothing answered (`unreachable`), something answered that is no SkyCrate
 * (`unexpected-response`), or S3 refused or broke a transfer (`transfer-failed`).
 */
export type ClientCode = 'unreachable' | 'unexpected-response' | 'transfer-failed'

export type SkyCrateErrorCode = ProblemCode | ClientCode

export interface SkyCrateErrorInit {
  readonly code: SkyCrateErrorCode
  readonly title: string
  readonly detail?: string | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly errors?: Problem['errors']
  readonly cause?: unknown
}

/**
 * A request that did not succeed, as an RFC 9457 problem. A request that its caller aborted rejects with the signal's
 * reason instead.
 */
export class SkyCrateError extends Error {
  override readonly name = 'SkyCrateError'
  readonly code: SkyCrateErrorCode
  readonly title: string
  /** What to do about it, for a person. */
  readonly detail: string | undefined
  /** HTTP status; 0 where there was no answer. */
  readonly status: number
  /** Quote it when asking the operator; undefined where no SkyCrate answered. */
  readonly requestId: string | undefined
  /** Every mistake in the request, each with its place. */
  readonly errors: readonly { readonly path: string; readonly message: string }[]

  constructor(init: SkyCrateErrorInit) {
    super(
      init.detail === undefined ? init.title : `${init.title}: ${init.detail}`,
      init.cause === undefined ? undefined : { cause: init.cause },
    )
    this.code = init.code
    this.title = init.title
    this.detail = init.detail
    this.status = init.status ?? 0
    this.requestId = init.requestId
    this.errors = init.errors ?? []
  }
}
