import { element } from './write-xml.ts'
import type { XmlElement } from './write-xml.ts'

export const S3_CONTROL_NAMESPACE = 'http://awss3control.amazonaws.com/doc/2018-08-20/'

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const S3_CONTROL_ERRORS = {
  AccessDenied: 403,
  AccessGrantAlreadyExists: 409,
  ExpiredToken: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidRequest: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  NoSuchAccessGrantError: 404,
  NoSuchAccessGrantsLocationError: 404,
  NotImplemented: 501,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
} as const satisfies Record<string, number>

export type S3ControlErrorCode = keyof typeof S3_CONTROL_ERRORS

/** An error of S3's control API, whose code and message may be shown to whoever asked. */
export class S3ControlError extends Error {
  readonly code: S3ControlErrorCode
  readonly status: number

  constructor(code: S3ControlErrorCode, message: string) {
    super(message)
    this.name = 'S3ControlError'
    this.code = code
    this.status = S3_CONTROL_ERRORS[code]
  }
}

/** The document of an error: nested, unlike that of S3 itself. */
export const s3ControlErrorAnswer = ({ code, message }: S3ControlError, requestId: string): XmlElement =>
  element('ErrorResponse', [
    element('Error', [element('Code', code), element('Message', message)]),
    element('RequestId', requestId),
    element('HostId', requestId),
  ])
