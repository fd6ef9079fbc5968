import type { ProblemCode } from '@skycrate/contract/problem'

export interface AppErrorOptions {
  /** For the log alone; it never reaches the caller. */
  readonly cause?: unknown
  /** Each mistake in the request, with its place. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  /** Seconds after which the same request may work. */
  readonly retryAfter?: number
}

/**
 * An answer other than success, by its stable code. Status and title come from the contract's one table; `detail` is
 * for the person who asked, so it holds nothing about what exists beyond their permissions.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ProblemCode
  readonly detail: string | undefined
  readonly errors: AppErrorOptions['errors']
  readonly retryAfter: number | undefined

  constructor(code: ProblemCode, detail?: string, options: AppErrorOptions = {}) {
    super(detail ?? code, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.detail = detail
    this.errors = options.errors
    this.retryAfter = options.retryAfter
  }
}
