/** The media type of AWS's JSON 1.1 protocol; Cognito's clients send it and expect it. */
export const JSON_1_1 = 'application/x-amz-json-1.1'

/** @see https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/CommonErrors.html */
const COGNITO_IDENTITY_ERRORS = {
  ExternalServiceException: 400,
  InternalErrorException: 500,
  InvalidParameterException: 400,
  LimitExceededException: 400,
  NotAuthorizedException: 400,
  ResourceNotFoundException: 400,
  SerializationException: 400,
  ServiceUnavailableException: 503,
  TooManyRequestsException: 400,
  UnknownOperationException: 400,
} as const satisfies Record<string, number>

export type CognitoIdentityErrorCode = keyof typeof COGNITO_IDENTITY_ERRORS

/** @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html */
const COGNITO_IDP_ERRORS = {
  AliasExistsException: 400,
  CodeMismatchException: 400,
  ExpiredCodeException: 400,
  InternalErrorException: 500,
  InvalidParameterException: 400,
  InvalidPasswordException: 400,
  InvalidUserPoolConfigurationException: 400,
  LimitExceededException: 400,
  NotAuthorizedException: 400,
  ResourceNotFoundException: 400,
  SerializationException: 400,
  ServiceUnavailableException: 503,
  SoftwareTokenMFANotFoundException: 400,
  TooManyRequestsException: 400,
  UnauthorizedException: 401,
  UnknownOperationException: 400,
  UnsupportedTokenTypeException: 400,
  UserNotConfirmedException: 400,
  WebAuthnNotEnabledException: 400,
} as const satisfies Record<string, number>

export type CognitoIdpErrorCode = keyof typeof COGNITO_IDP_ERRORS

/** An error of a service that speaks JSON 1.1, whose code and message may be shown to whoever asked. */
export interface JsonServiceError extends Error {
  readonly code: string
  readonly status: number
}

/** An error of Cognito's identity pools. */
export class CognitoIdentityError extends Error implements JsonServiceError {
  readonly code: CognitoIdentityErrorCode
  readonly status: number

  constructor(code: CognitoIdentityErrorCode, message: string) {
    super(message)
    this.name = 'CognitoIdentityError'
    this.code = code
    this.status = COGNITO_IDENTITY_ERRORS[code]
  }
}

/** An error of Cognito's user pools. */
export class CognitoIdpError extends Error implements JsonServiceError {
  readonly code: CognitoIdpErrorCode
  readonly status: number

  constructor(code: CognitoIdpErrorCode, message: string) {
    super(message)
    this.name = 'CognitoIdpError'
    this.code = code
    this.status = COGNITO_IDP_ERRORS[code]
  }
}

/**
 * The operation that a request names.
 *
 * @param target the `x-amz-target` header
 * @returns undefined where it is not of this service
 */
export const operationOf = (service: string, target: string | undefined): string | undefined => {
  const [name, operation, ...rest] = target?.split('.') ?? []
  return name === service && rest.length === 0 ? operation : undefined
}

export const jsonErrorBody = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  JSON.stringify({ __type: code, message })
