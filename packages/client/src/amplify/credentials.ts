import type { AmplifyApp } from './amplify-app.ts'
import { callService } from './call-service.ts'
import { claimsOf } from './user-session.ts'

export interface AmplifyCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
  /** The user's id, or a new one of a guest. */
  readonly identityId: string
  readonly authenticated: boolean
}

/** Credentials that end sooner than this are replaced. */
const RENEW_BEFORE_MS = 5 * 60_000

interface Issued {
  readonly IdentityId: string
  readonly Credentials: {
    readonly AccessKeyId: string
    readonly SecretKey: string
    readonly SessionToken: string
    /** Seconds since the epoch. */
    readonly Expiration: number
  }
}

/**
 * Temporary credentials for S3, for whoever uses it themselves: `Storage` needs none.
 * @param idTokenOf rejects where nobody is signed in
 */
export function createCredentials(app: AmplifyApp, idTokenOf: () => Promise<string | undefined>) {
  let known: AmplifyCredentials | undefined

  const pool = <T>(operation: string, body: object): Promise<T> =>
    callService<T>(app.current().settings.baseUrl, 'cognito-identity', operation, body)

  return {
    forget(): void {
      known = undefined
    },

    async current(): Promise<AmplifyCredentials> {
      const isSignedIn = app.current().tokens.read() !== undefined
      const isGood = known !== undefined && known.expiration.getTime() - RENEW_BEFORE_MS > Date.now()
      if (known && isGood && known.authenticated === isSignedIn) return known
      const idToken = isSignedIn ? await idTokenOf() : undefined
      const Logins = idToken === undefined ? undefined : { [providerOf(idToken)]: idToken }
      const { identityPoolId: IdentityPoolId } = app.current().settings
      const { IdentityId } = await pool<{ IdentityId: string }>('GetId', { IdentityPoolId, Logins })
      const issued = await pool<Issued>('GetCredentialsForIdentity', { IdentityId, Logins })
      const { AccessKeyId, SecretKey, SessionToken, Expiration } = issued.Credentials
      known = {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretKey,
        sessionToken: SessionToken,
        expiration: new Date(Expiration * 1000),
        identityId: issued.IdentityId,
        authenticated: idToken !== undefined,
      }
      return known
    },
  }
}

/** A login is called by its issuer, without the scheme. */
const providerOf = (idToken: string): string => String(claimsOf(idToken)['iss']).replace(/^https?:\/\//, '')
