import type { ProblemCode } from '@skycrate/contract/problem'
import { StsError, type StsErrorCode } from '@skycrate/aws-wire/sts-error'
import { AppError } from '../../errors/app-error.ts'
import { SignatureError } from '../entry.ts'

const CODES: Readonly<Partial<Record<ProblemCode, StsErrorCode>>> = {
  unauthenticated: 'InvalidIdentityToken',
  'invalid-token': 'InvalidIdentityToken',
  'token-expired': 'ExpiredTokenException',
  'account-suspended': 'AccessDenied',
  forbidden: 'AccessDenied',
  'insufficient-scope': 'AccessDenied',
  'second-factor-required': 'AccessDenied',
  'permission-expires-soon': 'AccessDenied',
  'too-many-locations': 'PackedPolicyTooLarge',
  'location-too-long': 'PackedPolicyTooLarge',
  'issuer-unavailable': 'IDPCommunicationError',
  'too-many-requests': 'Throttling',
  'credentials-unsupported': 'NotImplemented',
  'audit-unavailable': 'ServiceUnavailable',
  'database-unavailable': 'ServiceUnavailable',
  'store-unavailable': 'ServiceUnavailable',
  'store-refused': 'ServiceUnavailable',
}

/** What S3 and STS call the same thing. */
const SIGNATURE_CODES: Readonly<Record<string, StsErrorCode>> = {
  AccessDenied: 'MissingAuthenticationToken',
  ExpiredToken: 'ExpiredToken',
  InvalidAccessKeyId: 'InvalidClientTokenId',
  InvalidToken: 'InvalidClientTokenId',
  SignatureDoesNotMatch: 'SignatureDoesNotMatch',
  RequestTimeTooSkewed: 'SignatureDoesNotMatch',
}

/** Any error as one of STS. What is unknown says nothing of itself. */
export function toStsError(error: unknown): StsError {
  if (error instanceof StsError) return error
  if (error instanceof SignatureError) {
    return new StsError(SIGNATURE_CODES[error.code] ?? 'IncompleteSignature', error.message)
  }
  if (error instanceof AppError) {
    const code = CODES[error.code]
    if (code) return new StsError(code, error.detail ?? error.code)
  }
  const { statusCode = 500 } = error as { statusCode?: number }
  if (statusCode >= 400 && statusCode < 500) return new StsError('ValidationError', 'The request cannot be read.')
  return new StsError('InternalFailure', 'An internal error occurred. Try again.')
}
