import type { SkyCrateClient } from '../../client.ts'
import { type AwsCredentials, doorError, heldUntilItEnds } from '../temporary-credentials.ts'

/** As aws-amplify 6 has it: the payload, and the token itself as its text. */
export interface Jwt {
  readonly payload: Record<string, never>
  toString(): string
}

interface Identity {
  readonly credentials: AwsCredentials
  readonly identityId: string
}

/**
 * What `Amplify.configure` takes as `Auth` of its second argument, so that Amplify's Storage acts as whoever is signed in to
 * a SkyCrate client. Types are structural: nothing of Amplify is imported.
 */
export interface AmplifyAuth {
  readonly tokenProvider: {
    getTokens(options?: { forceRefresh?: boolean }): Promise<{ accessToken: Jwt } | null>
  }
  readonly credentialsProvider: {
    getCredentialsAndIdentityId(options?: { forceRefresh?: boolean }): Promise<Identity | undefined>
    clearCredentialsAndIdentityId(): void
  }
}

const POOL = 'skycrate-1:00000000-0000-4000-8000-000000000000'

/**
 * Credentials for all that the caller may do, a guest too where guests are allowed. They are renewed before they end. Needs
 * a session by tokens: a page cannot hand on its cookie.
 */
export function createAmplifyAuth(client: SkyCrateClient): AmplifyAuth {
  const call = async (operation: string, body: object): Promise<unknown> => {
    const response = await client.fetch(`${client.baseUrl}/cognito-identity`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityService.${operation}`,
      },
      body: JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (!response.ok) throw doorError(response.status, answer)
    return answer
  }

  const fetchIdentity = async (token: string | undefined): Promise<Identity & { readonly expiration: Date }> => {
    // Named by the issuer of the token, as a login is called.
    const Logins =
      token === undefined ? undefined : { [String(payloadOf(token)['iss']).replace(/^https?:\/\//, '')]: token }
    const { IdentityId } = (await call('GetId', { IdentityPoolId: POOL, Logins })) as { IdentityId: string }
    const given = (await call('GetCredentialsForIdentity', { IdentityId, Logins })) as {
      IdentityId: string
      Credentials: { AccessKeyId: string; SecretKey: string; SessionToken: string; Expiration: number }
    }
    const { AccessKeyId, SecretKey, SessionToken, Expiration } = given.Credentials
    const expiration = new Date(Expiration * 1000)
    return {
      identityId: given.IdentityId,
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken, expiration },
      expiration,
    }
  }

  /** Of one person: who signs in next gets others. */
  let held: (ReturnType<typeof heldFor> & { readonly subject: unknown }) | undefined
  const heldFor = (tokenOf: () => Promise<string | undefined>) =>
    heldUntilItEnds(async () => fetchIdentity(await tokenOf()))

  return {
    tokenProvider: {
      async getTokens({ forceRefresh = false } = {}) {
        const token = await client.accessToken({ renew: forceRefresh })
        if (token === undefined) return null
        return { accessToken: { payload: payloadOf(token) as Record<string, never>, toString: () => token } }
      },
    },
    credentialsProvider: {
      async getCredentialsAndIdentityId({ forceRefresh = false } = {}) {
        const token = await client.accessToken()
        const subject = token === undefined ? undefined : payloadOf(token)['sub']
        if (!held || held.subject !== subject || forceRefresh) {
          held = { ...heldFor(() => client.accessToken()), subject }
        }
        const { credentials, identityId } = await held.get()
        return { credentials, identityId }
      },
      clearCredentialsAndIdentityId() {
        held = undefined
      },
    },
  }
}

/** The payload of a token that its issuer has just given: read, not verified. */
function payloadOf(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.')
  const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
}
