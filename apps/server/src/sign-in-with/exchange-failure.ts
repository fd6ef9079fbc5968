import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'

/** Codes of an answer that is none: from an issuer that hangs, redirects or is no issuer. */
const NO_ANSWER = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
])

/** `refused`: by the issuer, or because what it sent is not right. `unavailable`: it gave no answer that counts. */
export interface ExchangeFailure {
  readonly kind: 'refused' | 'unavailable'
  /** For the log: what anybody may have written is bounded. */
  readonly reason: string
}

export function exchangeFailure(error: unknown): ExchangeFailure {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return { kind: 'refused', reason: `issuer: ${bounded(error.error)}` }
  }
  if (error instanceof ClientError && !NO_ANSWER.has(error.code ?? '')) {
    return { kind: 'refused', reason: bounded(error.code ?? error.message) }
  }
  return { kind: 'unavailable', reason: bounded(error instanceof Error ? messagesOf(error) : String(error)) }
}

const messagesOf = (error: Error): string =>
  error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message

const bounded = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100)
