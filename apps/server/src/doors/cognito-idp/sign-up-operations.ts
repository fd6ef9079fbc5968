import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import { Type } from 'typebox'
import type { DoorUse } from '../door.ts'
import type { AppError } from '../../errors/app-error.ts'
import { codeDelivery } from './code-delivery.ts'
import { appOperation, attributes, code, password, renaming, username } from './request.ts'
import { readAttributes } from './user-attributes.ts'

/** People who open an account or lost its password. Whether there is one at an address changes no answer. */
export const SIGN_UP_OPERATIONS = {
  SignUp: appOperation(
    { Username: username, Password: password, UserAttributes: Type.Optional(attributes) },
    async ({ accounts }, { Username, Password, UserAttributes = [] }, origin) => {
      const { email = Username, name } = readAttributes(UserAttributes)
      if (email.toLowerCase() !== Username.toLowerCase()) {
        throw new CognitoIdpError('InvalidParameterException', 'Username should be the email address.')
      }
      const wish = { email, password: Password, ...(name && { name }) }
      const { id } = await mailing(accounts.signUp.start(wish, origin))
      return { UserConfirmed: false, UserSub: id, CodeDeliveryDetails: codeDelivery(email) }
    },
  ),

  ConfirmSignUp: appOperation(
    { Username: username, ConfirmationCode: code },
    async ({ accounts }, { Username, ConfirmationCode }, origin) => {
      const given = { email: Username, code: ConfirmationCode }
      await byCode(accounts, 'sign-up', Username, accounts.signUp.confirm(given, origin))
      return {}
    },
  ),

  ResendConfirmationCode: appOperation({ Username: username }, async ({ accounts }, { Username }, origin) => {
    await mailing(accounts.signUp.resend({ email: Username }, origin))
    return { CodeDeliveryDetails: codeDelivery(Username) }
  }),

  ForgotPassword: appOperation({ Username: username }, async ({ accounts }, { Username }, origin) => {
    await mailing(accounts.forgotPassword(Username, origin))
    return { CodeDeliveryDetails: codeDelivery(Username) }
  }),

  ConfirmForgotPassword: appOperation(
    { Username: username, ConfirmationCode: code, Password: password },
    async ({ accounts }, { Username, ConfirmationCode, Password }, origin) => {
      const given = { email: Username, code: ConfirmationCode, password: Password }
      await byCode(accounts, 'reset-password', Username, accounts.resetPassword(given, origin))
      return {}
    },
  ),
}

/** Cognito's name for limits of mails and of guesses. */
const limited = ({ code: problem }: AppError): CognitoIdpError | undefined =>
  problem === 'too-many-requests'
    ? new CognitoIdpError('LimitExceededException', 'Attempt limit exceeded, please try after some time.')
    : problem === 'forbidden'
      ? new CognitoIdpError('NotAuthorizedException', 'SignUp is not permitted for this user pool')
      : undefined

const mailing = <T>(work: Promise<T>): Promise<T> => renaming(work, limited)

function byCode<T>(
  accounts: DoorUse['accounts'],
  kind: 'sign-up' | 'reset-password',
  email: string,
  work: Promise<T>,
): Promise<T> {
  return renaming(work, async (error) => {
    if (error.code === 'conflict') {
      return new CognitoIdpError('AliasExistsException', 'An account with the email already exists.')
    }
    if (error.code === 'invalid-mail-code' && !(await accounts.isCodeOpen(kind, email))) {
      return new CognitoIdpError('ExpiredCodeException', 'Invalid code provided, please request a code again.')
    }
    return limited(error)
  })
}
