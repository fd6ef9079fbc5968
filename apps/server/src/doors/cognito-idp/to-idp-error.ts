import { CognitoIdpError, type CognitoIdpErrorCode } from '@skycrate/aws-wire/json-answer'
import type { ProblemCode } from '@skycrate/contract/problem'
import { AppError } from '../../errors/app-error.ts'

/** With the words by which clients of Cognito know an error, where they look for them. */
const CODES: Readonly<Partial<Record<ProblemCode, readonly [CognitoIdpErrorCode, words?: string]>>> = {
  unauthenticated: ['NotAuthorizedException'],
  'invalid-credentials': ['NotAuthorizedException', 'Incorrect username or password.'],
  'invalid-token': ['NotAuthorizedException', 'Invalid Access Token'],
  'token-expired': ['NotAuthorizedException', 'Access Token has expired'],
  'account-suspended': ['NotAuthorizedException', 'User is disabled.'],
  'insufficient-scope': ['NotAuthorizedException', 'Access Token does not have required scopes'],
  'second-factor-required': ['NotAuthorizedException'],
  'fresh-authentication-required': ['NotAuthorizedException', 'You signed in some time ago. Sign in again for this.'],
  forbidden: ['NotAuthorizedException'],
  'not-found': ['ResourceNotFoundException'],
  conflict: ['InvalidParameterException'],
  'last-administrator': ['NotAuthorizedException', 'The last administrator cannot be deleted.'],
  'invalid-code': ['CodeMismatchException', 'Invalid code received for user'],
  'invalid-mail-code': ['CodeMismatchException', 'Invalid verification code provided, please try again.'],
  'too-many-requests': ['TooManyRequestsException'],
  'audit-unavailable': ['ServiceUnavailableException'],
  'database-unavailable': ['ServiceUnavailableException'],
}

/** Any error as one of Cognito's user pools. What is unknown says nothing of itself. */
export function toIdpError(error: unknown): CognitoIdpError {
  if (error instanceof CognitoIdpError) return error
  if (error instanceof AppError) {
    const said = error.code === 'invalid-request' ? ofInvalid(error) : ofCode(error)
    if (said) return said
  }
  const { statusCode = 500 } = error as { statusCode?: number }
  if (statusCode >= 400 && statusCode < 500) {
    return new CognitoIdpError('SerializationException', 'The request cannot be read.')
  }
  return new CognitoIdpError('InternalErrorException', 'An internal error occurred. Try again.')
}

function ofCode({ code, detail }: AppError): CognitoIdpError | undefined {
  const found = CODES[code]
  return found && new CognitoIdpError(found[0], found[1] ?? detail ?? code)
}

const PASSWORDS: ReadonlySet<string> = new Set(['/password', '/newPassword'])

function ofInvalid({ detail, errors }: AppError): CognitoIdpError {
  const [first] = errors ?? []
  if (first && PASSWORDS.has(first.path)) {
    const message = `Password did not conform with policy: Password ${first.message}`
    return new CognitoIdpError('InvalidPasswordException', message)
  }
  if (first?.path === '/email') {
    return new CognitoIdpError('InvalidParameterException', `Username should be an email. It ${first.message}`)
  }
  return new CognitoIdpError('InvalidParameterException', detail ?? first?.message ?? 'The request is not valid.')
}
