import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import { jsonDoor } from '../json-door.ts'
import { ACCOUNT_OPERATIONS } from './account-operations.ts'
import { FACTOR_OPERATIONS } from './factor-operations.ts'
import { SIGN_IN_OPERATIONS } from './sign-in-operations.ts'
import { SIGN_UP_OPERATIONS } from './sign-up-operations.ts'
import { toIdpError } from './to-idp-error.ts'
import { UNKEPT_OPERATIONS } from './unkept-operations.ts'

/**
 * A Cognito user pool, as Amplify uses it: built-in accounts, by the same use cases as the API.
 * @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html
 */
export const cognitoIdpDoor = jsonDoor({
  door: 'cognito-idp',
  service: 'AWSCognitoIdentityProviderService',
  operations: {
    ...SIGN_UP_OPERATIONS,
    ...SIGN_IN_OPERATIONS,
    ...ACCOUNT_OPERATIONS,
    ...FACTOR_OPERATIONS,
    ...UNKEPT_OPERATIONS,
  },
  error: (code, message) => new CognitoIdpError(code, message),
  toError: toIdpError,
})
