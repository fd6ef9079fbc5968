import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import { Type } from 'typebox'
import { requireFresh } from '../../identity/require-fresh.ts'
import { attributes, operation, password, renaming, text, token } from './request.ts'
import { ownerOf, whoOf } from './who-of.ts'
import { attributesOf, readAttributes } from './user-attributes.ts'

/** What people do with their own account, by their access token. */
export const ACCOUNT_OPERATIONS = {
  GetUser: operation({ AccessToken: token }, async (use, { AccessToken }, origin) => {
    const who = await whoOf(use, AccessToken, origin, { withoutSecondFactor: true })
    const { totp } = await use.accounts.factors.list(ownerOf(who, origin))
    return {
      Username: who.email ?? who.userId,
      UserAttributes: attributesOf(who),
      ...(totp && { UserMFASettingList: ['SOFTWARE_TOKEN_MFA'], PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA' }),
    }
  }),

  UpdateUserAttributes: operation(
    { AccessToken: token, UserAttributes: attributes },
    async (use, { AccessToken, UserAttributes }, origin) => {
      const who = await whoOf(use, AccessToken, origin)
      const { email, name } = readAttributes(UserAttributes)
      if (email !== undefined && email !== who.email) {
        throw new CognitoIdpError('InvalidParameterException', 'The email address cannot be changed.')
      }
      if (name !== undefined) await use.users.rename(name, { userId: who.userId, origin })
      return { CodeDeliveryDetailsList: [] }
    },
  ),

  DeleteUserAttributes: operation(
    { AccessToken: token, UserAttributeNames: Type.Array(text(64), { maxItems: 50 }) },
    async (use, { AccessToken, UserAttributeNames }, origin) => {
      const who = await whoOf(use, AccessToken, origin)
      if (UserAttributeNames.some((each) => each !== 'name')) {
        throw new CognitoIdpError('InvalidParameterException', 'Only name can be deleted.')
      }
      await use.users.rename(null, { userId: who.userId, origin })
      return {}
    },
  ),

  ChangePassword: operation(
    { AccessToken: token, PreviousPassword: password, ProposedPassword: password },
    async (use, { AccessToken, PreviousPassword, ProposedPassword }, origin) => {
      const who = await whoOf(use, AccessToken, origin)
      if (who.hasSecondFactor) requireFresh(who, use.now())
      await renaming(use.accounts.changePassword(who.userId, PreviousPassword, ProposedPassword, origin), ({ code }) =>
        code === 'too-many-requests'
          ? new CognitoIdpError('LimitExceededException', 'Attempt limit exceeded, please try after some time.')
          : undefined,
      )
      return {}
    },
  ),

  GlobalSignOut: operation({ AccessToken: token }, async (use, { AccessToken }, origin) => {
    const { userId } = await whoOf(use, AccessToken, origin, { withoutSecondFactor: true })
    await use.accounts.sessions.endOthers({ userId, sessionId: null }, origin)
    return {}
  }),

  DeleteUser: operation({ AccessToken: token }, async (use, { AccessToken }, origin) => {
    const who = await whoOf(use, AccessToken, origin)
    // The protocol sends no password with it: a sign-in of the last minutes stands in.
    requireFresh(who, use.now())
    await use.accounts.deleteOwn(who.userId, null, origin)
    return {}
  }),
}
