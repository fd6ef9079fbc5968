import { AppError } from '../../errors/app-error.ts'

/** What an error of the AWS SDK says, without trusting its class. */
export interface StoreFailure {
  /** S3's error code, or the SDK's or Node's name for what went wrong before there was an answer. */
  readonly code: string
  readonly message: string
  /** Undefined where no answer came. */
  readonly status: number | undefined
}

export function storeFailure(error: unknown): StoreFailure {
  if (typeof error !== 'object' || error === null) return { code: 'Unknown', message: String(error), status: undefined }
  const { name, Code, code, message, $metadata, $response } = error as {
    name?: unknown
    Code?: unknown
    code?: unknown
    message?: unknown
    $metadata?: { httpStatusCode?: number }
    $response?: { statusCode?: number }
  }
  const said = [Code, name, code].find((each) => typeof each === 'string' && each !== '' && each !== 'Error')
  return {
    code: typeof said === 'string' ? said : 'Unknown',
    message: typeof message === 'string' ? message : '',
    // A body that the SDK cannot read (a proxy's page, say) leaves no metadata, only the answer itself.
    status: $metadata?.httpStatusCode ?? $response?.statusCode,
  }
}

const BUSY = new Set([
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
])

/** Whether the same call may work later without anybody changing anything. */
export function isUnavailable({ code, status }: StoreFailure): boolean {
  if (status === undefined) return true
  // 501 is an answer: this store does not have that operation.
  return status === 429 || (status >= 500 && status !== 501) || BUSY.has(code)
}

const RETRY_AFTER_SECONDS = 5

/**
 * The one place where errors of the store become SkyCrate's. An error that is neither (a slip in our own code) stays
 * what it is.
 *
 * @param doing for the log, such as `create the bucket skycrate-…`
 */
export function storeError(error: unknown, doing: string): Error {
  if (error instanceof AppError) return error
  const failure = storeFailure(error)
  if (failure.status === undefined && (error instanceof TypeError || error instanceof RangeError)) return error
  const answer = failure.status === undefined ? 'no answer' : `HTTP ${failure.status}`
  const cause = new Error(`could not ${doing}: ${answer}, ${failure.code}`, { cause: error })
  return isUnavailable(failure)
    ? new AppError('store-unavailable', undefined, { cause, retryAfter: RETRY_AFTER_SECONDS })
    : new AppError('store-refused', undefined, { cause })
}
