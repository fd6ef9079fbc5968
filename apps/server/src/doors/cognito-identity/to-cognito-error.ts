import { CognitoIdentityError, type CognitoIdentityErrorCode } from '@skycrate/aws-wire/json-answer'
import type { ProblemCode } from '@skycrate/contract/problem'
import { AppError } from '../../errors/app-error.ts'

const CODES: Readonly<Partial<Record<ProblemCode, CognitoIdentityErrorCode>>> = {
  unauthenticated: 'NotAuthorizedException',
  'invalid-token': 'NotAuthorizedException',
  'token-expired': 'NotAuthorizedException',
  'account-suspended': 'NotAuthorizedException',
  forbidden: 'NotAuthorizedException',
  'insufficient-scope': 'NotAuthorizedException',
  'second-factor-required': 'NotAuthorizedException',
  'permission-expires-soon': 'NotAuthorizedException',
  'too-many-locations': 'LimitExceededException',
  'location-too-long': 'LimitExceededException',
  'invalid-request': 'InvalidParameterException',
  'issuer-unavailable': 'ExternalServiceException',
  'too-many-requests': 'TooManyRequestsException',
  'credentials-unsupported': 'InvalidParameterException',
  'audit-unavailable': 'ServiceUnavailableException',
  'database-unavailable': 'ServiceUnavailableException',
  'store-unavailable': 'ServiceUnavailableException',
  'store-refused': 'ServiceUnavailableException',
}

/** Any error as one of Cognito's identity pools. What is unknown says nothing of itself. */
export function toCognitoError(error: unknown): CognitoIdentityError {
  if (error instanceof CognitoIdentityError) return error
  if (error instanceof AppError) {
    const code = CODES[error.code]
    if (code) return new CognitoIdentityError(code, error.detail ?? error.code)
  }
  const { statusCode = 500 } = error as { statusCode?: number }
  if (statusCode >= 400 && statusCode < 500) {
    return new CognitoIdentityError('SerializationException', 'The request cannot be read.')
  }
  return new CognitoIdentityError('InternalErrorException', 'An internal error occurred. Try again.')
}
