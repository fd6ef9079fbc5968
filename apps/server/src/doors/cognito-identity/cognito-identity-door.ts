import { CognitoIdentityError } from '@skycrate/aws-wire/json-answer'
import { jsonDoor } from '../json-door.ts'
import { OPERATIONS } from './operations.ts'
import { toCognitoError } from './to-cognito-error.ts'

/** Cognito's identity pools, as Amplify and the AWS SDKs use them: for guests and for whoever has a token. */
export const cognitoIdentityDoor = jsonDoor({
  door: 'cognito-identity',
  service: 'AWSCognitoIdentityService',
  operations: OPERATIONS,
  error: (code, message) => new CognitoIdentityError(code, message),
  toError: toCognitoError,
})
