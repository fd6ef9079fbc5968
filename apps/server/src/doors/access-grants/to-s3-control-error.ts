import { MalformedXmlError } from '@skycrate/aws-wire/malformed-xml-error'
import { S3ControlError, type S3ControlErrorCode } from '@skycrate/aws-wire/s3-control'
import type { ProblemCode } from '@skycrate/contract/problem'
import { AppError } from '../../errors/app-error.ts'
import { SignatureError } from '../entry.ts'

const CODES: Readonly<Partial<Record<ProblemCode, S3ControlErrorCode>>> = {
  forbidden: 'AccessDenied',
  'permission-expires-soon': 'AccessDenied',
  'account-suspended': 'AccessDenied',
  'not-found': 'NoSuchAccessGrantError',
  'bucket-missing': 'InvalidRequest',
  'invalid-request': 'InvalidRequest',
  'invalid-cursor': 'InvalidRequest',
  'too-many-locations': 'InvalidRequest',
  'location-too-long': 'InvalidRequest',
  'credentials-unsupported': 'NotImplemented',
  'too-many-requests': 'SlowDown',
  'audit-unavailable': 'ServiceUnavailable',
  'database-unavailable': 'ServiceUnavailable',
  'store-unavailable': 'ServiceUnavailable',
  'store-refused': 'ServiceUnavailable',
}

const SIGNATURE_CODES: Readonly<Record<string, S3ControlErrorCode>> = {
  ExpiredToken: 'ExpiredToken',
  InvalidAccessKeyId: 'InvalidAccessKeyId',
  SignatureDoesNotMatch: 'SignatureDoesNotMatch',
  InvalidRequest: 'InvalidRequest',
}

/** Any error as one of S3's control API. What is unknown says nothing of itself. */
export function toS3ControlError(error: unknown): S3ControlError {
  if (error instanceof S3ControlError) return error
  if (error instanceof MalformedXmlError) return new S3ControlError('MalformedXML', error.message)
  if (error instanceof SignatureError) {
    return new S3ControlError(SIGNATURE_CODES[error.code] ?? 'AccessDenied', error.message)
  }
  if (error instanceof AppError) {
    const code = CODES[error.code]
    const mistakes = error.errors?.map(({ path, message }) => `${path} ${message}`).join('; ')
    if (code) return new S3ControlError(code, error.detail ?? mistakes ?? error.code)
  }
  const { statusCode = 500 } = error as { statusCode?: number }
  if (statusCode >= 400 && statusCode < 500) return new S3ControlError('InvalidRequest', 'The request cannot be read.')
  return new S3ControlError('InternalError', 'An internal error occurred. Try again.')
}
