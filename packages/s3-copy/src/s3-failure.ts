/** What is known of an error that a request to a store ended with. */
export interface S3Failure {
  /** S3's code, or that of the network, or the error's name. */
  readonly code: string
  /** HTTP status, or undefined when no answer came. */
  readonly status: number | undefined
  readonly message: string
}

/** Refusals whose code a HEAD can't tell are named by their status. */
const CODES_OF_STATUS: Readonly<Record<number, string>> = { 403: 'AccessDenied', 404: 'NotFound' }

export const describeFailure = (error: unknown): S3Failure => {
  const { name, Code, code, message, $metadata } = error as {
    name?: string
    Code?: string
    code?: string
    message?: string
    $metadata?: { httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  const generic = Code ?? code ?? name ?? 'Error'
  const known = generic === 'Unknown' || generic === 'UnknownError' ? CODES_OF_STATUS[status ?? 0] : undefined
  return { code: known ?? generic, status, message: message ?? String(error) }
}

const TRANSIENT_CODES = new Set([
  'SlowDown',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'IncompleteBody',
  'TimeoutError',
  'AbortError',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/** For the report. */
export const sayFailure = (error: unknown): string => {
  const { code, message } = describeFailure(error)
  // What the SDK says when a store says nothing.
  return message === '' || message === 'UnknownError' ? code : `${code}: ${message}`
}

/** Whether the same may succeed a moment later. */
export const isTransient = (error: unknown): boolean => {
  const { code, status, message } = describeFailure(error)
  if (status === 501 || code === 'NotImplemented') return false
  if (status !== undefined && (status >= 500 || status === 429)) return true
  return TRANSIENT_CODES.has(code) || (status === undefined && /socket hang up|aborted|terminated/.test(message))
}

/** Whether the thing that was named is not there. */
export const isNotFound = (error: unknown): boolean => describeFailure(error).status === 404

/** Whether the store says that it can't or won't do what was asked, so that asking for less may help. */
export const isRefusal = (error: unknown): boolean => {
  const { status = 0, code } = describeFailure(error)
  if (status === 501) return true
  return status >= 400 && status < 500 && ![401, 404, 408, 409, 412, 429].includes(status) && code !== 'NoSuchBucket'
}

/** Whether a store does not have the feature that was asked for at all. */
export const isUnsupported = (error: unknown): boolean => {
  const { status, code } = describeFailure(error)
  return status === 501 || status === 405 || code === 'NotImplemented' || code === 'MethodNotAllowed'
}
