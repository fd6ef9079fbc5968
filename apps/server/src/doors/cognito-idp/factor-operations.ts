import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import { Type } from 'typebox'
import { requireFresh } from '../../identity/require-fresh.ts'
import { whoSetsUp } from './mfa-setup.ts'
import { code, operation, renaming, text, token } from './request.ts'
import { ownerOf, whoOf } from './who-of.ts'

const setting = Type.Optional(
  Type.Object({ Enabled: Type.Optional(Type.Boolean()), PreferredMfa: Type.Optional(Type.Boolean()) }),
)

const AccessToken = Type.Optional(token)
const Session = Type.Optional(text(4096))

/** Of a sign-in that goes on, as it came: nothing of it changes. */
const sessionOf = (given: { readonly Session?: string | undefined }): { readonly Session?: string } =>
  given.Session === undefined ? {} : { Session: given.Session }

/** The authenticator app of a person who is signed in, or who has to set one up to be. Each change needs a sign-in of the last minutes. */
export const FACTOR_OPERATIONS = {
  AssociateSoftwareToken: operation({ AccessToken, Session }, async (use, given, origin) => {
    const who = await whoSetsUp(use, given, origin)
    requireFresh(who, use.now())
    const { secret } = await use.accounts.factors.startTotp(ownerOf(who, origin))
    return { SecretCode: secret, ...sessionOf(given) }
  }),

  VerifySoftwareToken: operation({ AccessToken, Session, UserCode: code }, async (use, given, origin) => {
    const who = await whoSetsUp(use, given, origin)
    requireFresh(who, use.now())
    await renaming(use.accounts.factors.enrolTotp(ownerOf(who, origin), given.UserCode), ({ code: problem, detail }) =>
      problem === 'conflict'
        ? new CognitoIdpError('SoftwareTokenMFANotFoundException', detail ?? 'Begin again.')
        : undefined,
    )
    return { Status: 'SUCCESS', ...sessionOf(given) }
  }),

  SetUserMFAPreference: operation(
    {
      AccessToken: token,
      SoftwareTokenMfaSettings: setting,
      SMSMfaSettings: setting,
      EmailMfaSettings: setting,
    },
    async (
      use,
      { AccessToken, SoftwareTokenMfaSettings: totp, SMSMfaSettings: sms, EmailMfaSettings: mail },
      origin,
    ) => {
      const who = await whoOf(use, AccessToken, origin)
      if (sms?.Enabled || mail?.Enabled) {
        throw new CognitoIdpError('InvalidParameterException', 'Only the authenticator app can be a second factor.')
      }
      const owner = ownerOf(who, origin)
      const { totp: held } = await use.accounts.factors.list(owner)
      if (totp?.Enabled === true && !held) {
        throw new CognitoIdpError('InvalidParameterException', 'User has not verified software token mfa')
      }
      // An authenticator app that is set up is asked for: there is no other state to keep.
      if (totp?.Enabled === false && held) {
        requireFresh(who, use.now())
        await use.accounts.factors.deleteTotp(owner)
      }
      return {}
    },
  ),
}
