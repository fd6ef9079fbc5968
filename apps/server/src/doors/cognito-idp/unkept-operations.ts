import { CognitoIdpError, type CognitoIdpErrorCode } from '@skycrate/aws-wire/json-answer'
import { requireFresh } from '../../identity/require-fresh.ts'
import type { JsonOperation } from '../json-door.ts'
import { operation, text, token } from './request.ts'
import { ownerOf, whoOf } from './who-of.ts'

/** What apps ask a user pool and SkyCrate does not keep: each is told so, once it is known who asks. */
const refusing = (code: CognitoIdpErrorCode, message: string): JsonOperation =>
  operation({ AccessToken: token }, async (use, { AccessToken }, origin) => {
    await whoOf(use, AccessToken, origin)
    throw new CognitoIdpError(code, message)
  })

const noDevices = refusing(
  'InvalidUserPoolConfigurationException',
  'Devices are not remembered here: each sign-in asks for the second factor.',
)
const noDevice = refusing('ResourceNotFoundException', 'Device does not exist. Devices are not remembered here.')
const passkeysElsewhere = refusing(
  'WebAuthnNotEnabledException',
  'A passkey belongs to one host. People create theirs in the web app of SkyCrate, under Profile.',
)
const nothingToVerify = refusing(
  'InvalidParameterException',
  'The email address is verified at sign-up and cannot be changed: nothing is left to verify.',
)

export const UNKEPT_OPERATIONS: Readonly<Record<string, JsonOperation>> = {
  ListDevices: operation({ AccessToken: token }, async (use, { AccessToken }, origin) => {
    await whoOf(use, AccessToken, origin)
    return { Devices: [] }
  }),
  ConfirmDevice: noDevices,
  UpdateDeviceStatus: noDevices,
  GetDevice: noDevice,
  ForgetDevice: noDevice,

  ListWebAuthnCredentials: operation({ AccessToken: token }, async (use, { AccessToken }, origin) => {
    const who = await whoOf(use, AccessToken, origin)
    const { passkeys } = await use.accounts.factors.list(ownerOf(who, origin))
    return {
      Credentials: passkeys.map(({ id, name, createdAt }) => ({
        CredentialId: id,
        FriendlyCredentialName: name,
        RelyingPartyId: new URL(use.issuer).hostname,
        CreatedAt: Math.floor(Date.parse(createdAt) / 1000),
      })),
    }
  }),
  DeleteWebAuthnCredential: operation(
    { AccessToken: token, CredentialId: text(2048) },
    async (use, { AccessToken, CredentialId }, origin) => {
      const who = await whoOf(use, AccessToken, origin)
      requireFresh(who, use.now())
      await use.accounts.factors.deletePasskey(ownerOf(who, origin), CredentialId)
      return {}
    },
  ),
  StartWebAuthnRegistration: passkeysElsewhere,
  CompleteWebAuthnRegistration: passkeysElsewhere,

  GetUserAttributeVerificationCode: nothingToVerify,
  VerifyUserAttribute: nothingToVerify,
}
