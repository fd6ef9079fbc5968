import { isIP } from 'node:net'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { UserId } from '@skycrate/core/naming/id'
import { CHALLENGE_MS } from './challenge-token.ts'
import type { StoredPasskey } from './factor-rows.ts'

/** With its parsers of certificates it takes a tenth of a start, and most requests are no ceremony. */
const webAuthn = () => import('@simplewebauthn/server')

type Transports = ('usb' | 'nfc' | 'ble' | 'internal' | 'hybrid')[]

/** Ed25519, ES256, RS256. @see https://www.iana.org/assignments/cose */
const ALGORITHMS = [-8, -7, -257]

/** The two ceremonies of passkeys, for the host and origin of one public URL. */
export interface RelyingParty {
  creationOptions(
    nonce: string,
    user: { readonly id: UserId; readonly name: string; readonly displayName: string },
    existing: readonly StoredPasskey[],
  ): Promise<PublicKeyCredentialCreationOptionsJSON>
  /** @returns undefined for an answer to another challenge, from another origin, or that is none at all */
  verifyCreation(
    answer: object,
    nonce: string,
  ): Promise<
    | (Pick<StoredPasskey, 'id' | 'publicKey' | 'counter' | 'transports' | 'singleDevice'> & {
        readonly isVerified: boolean
      })
    | undefined
  >
  /** @param allowed undefined: any of this host; the authenticator then verifies its user */
  requestOptions(
    nonce: string,
    allowed: readonly StoredPasskey[] | undefined,
  ): Promise<PublicKeyCredentialRequestOptionsJSON>
  /** @returns undefined for an answer that this passkey did not give to this challenge */
  verifyAnswer(
    answer: object,
    nonce: string,
    passkey: StoredPasskey,
    options: { readonly verifyUser: boolean },
  ): Promise<{ readonly counter: number; readonly isVerified: boolean } | undefined>
}

/** @returns undefined where browsers take no passkeys: an address is no host name */
export function createRelyingParty(publicUrl: string): RelyingParty | undefined {
  const { hostname, origin } = new URL(publicUrl)
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined
  const described = (passkeys: readonly StoredPasskey[]) =>
    passkeys.map(({ id, transports }) => ({ id, transports: [...transports] as Transports }))
  const bytes = (nonce: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(nonce, 'base64url'))

  return {
    async creationOptions(nonce, user, existing) {
      const { generateRegistrationOptions } = await webAuthn()
      return generateRegistrationOptions({
        rpName: 'SkyCrate',
        rpID: hostname,
        userID: new TextEncoder().encode(user.id),
        userName: user.name,
        userDisplayName: user.displayName,
        challenge: bytes(nonce),
        timeout: CHALLENGE_MS,
        supportedAlgorithmIDs: ALGORITHMS,
        attestationType: 'none',
        excludeCredentials: described(existing),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      })
    },

    async verifyCreation(answer, nonce) {
      const { verifyRegistrationResponse } = await webAuthn()
      const verified = await answered(() =>
        verifyRegistrationResponse({
          response: answer as RegistrationResponseJSON,
          expectedChallenge: nonce,
          expectedOrigin: origin,
          expectedRPID: hostname,
          requireUserVerification: false,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      )
      if (!verified?.verified) return undefined
      const { credential, credentialDeviceType, userVerified } = verified.registrationInfo
      return {
        id: credential.id,
        publicKey: credential.publicKey,
        counter: credential.counter,
        transports: (credential.transports ?? []).slice(0, 8),
        singleDevice: credentialDeviceType === 'singleDevice',
        isVerified: userVerified,
      }
    },

    async requestOptions(nonce, allowed) {
      const { generateAuthenticationOptions } = await webAuthn()
      return generateAuthenticationOptions({
        rpID: hostname,
        challenge: bytes(nonce),
        timeout: CHALLENGE_MS,
        userVerification: allowed === undefined ? 'required' : 'preferred',
        ...(allowed === undefined ? {} : { allowCredentials: described(allowed) }),
      })
    },

    async verifyAnswer(answer, nonce, passkey, { verifyUser }) {
      const { userHandle } = (answer as AuthenticationResponseJSON).response
      if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== passkey.userId) {
        return undefined
      }
      const { verifyAuthenticationResponse } = await webAuthn()
      const verified = await answered(() =>
        verifyAuthenticationResponse({
          response: answer as AuthenticationResponseJSON,
          expectedChallenge: nonce,
          expectedOrigin: origin,
          expectedRPID: hostname,
          requireUserVerification: verifyUser,
          credential: {
            id: passkey.id,
            publicKey: passkey.publicKey,
            counter: passkey.counter,
            transports: [...passkey.transports] as Transports,
          },
        }),
      )
      if (!verified?.verified) return undefined
      const { newCounter, userVerified } = verified.authenticationInfo
      return { counter: newCounter, isVerified: userVerified }
    },
  }
}

/** The library throws at everything that is not as it should be, down to what is no CBOR. */
async function answered<T>(verify: () => Promise<T>): Promise<T | undefined> {
  try {
    return await verify()
  } catch {
    return undefined
  }
}
