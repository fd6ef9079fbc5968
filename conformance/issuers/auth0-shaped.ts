import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { freePort } from '../free-port.ts'
import { request } from '../http.ts'

/** A real OpenID Connect provider (npm's oidc-provider) whose tokens look like Auth0's. */
export interface Auth0Shaped extends AsyncDisposable {
  /** With the trailing slash that Auth0's have. */
  readonly issuer: string
  readonly audience: string
  readonly clientId: string
  /** Signs a person in as a browser would (authorization code and PKCE) and returns what the token endpoint gave. */
  signIn(subject: string): Promise<{ readonly access_token: string; readonly id_token: string }>
}

// The package has no types of its own: these are the parts of it that are used here.
interface Provider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ params: { login_hint?: string } }>
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  readonly Grant: new (of: { accountId: string; clientId: string }) => {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }
}
type ProviderClass = new (issuer: string, configuration: object) => Provider
interface GrantContext {
  readonly oidc: {
    readonly provider: Provider
    readonly client: { readonly clientId: string }
    readonly session: { readonly accountId: string }
  }
}
interface AccessTokenJwt {
  payload: Record<string, unknown>
}

const PACKAGE: string = 'oidc-provider'
const AUDIENCE = 'https://api.skycrate.test'
const CLIENT_ID = 'spa-client'
const CALLBACK = 'http://127.0.0.1/callback'

export async function startAuth0Shaped(): Promise<Auth0Shaped> {
  const { default: ProviderImplementation } = (await import(PACKAGE)) as { default: ProviderClass }
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const issuer = `${origin}/`
  const provider = new ProviderImplementation(issuer, configuration(origin))
  const handle = provider.callback()
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/interaction/')) {
      void provider
        .interactionDetails(incoming, response)
        .then(({ params }) =>
          provider.interactionFinished(incoming, response, { login: { accountId: params.login_hint ?? '' } }),
        )
    } else handle(incoming, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))

  return {
    issuer,
    audience: AUDIENCE,
    clientId: CLIENT_ID,
    signIn: (subject) => signIn(origin, subject),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function configuration(origin: string): object {
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'files',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    formats: {
      customizers: {
        // As Auth0 words them: the userinfo endpoint as a second audience, and `azp` for the client.
        jwt: (_context: unknown, _token: unknown, { payload }: AccessTokenJwt) => {
          payload['aud'] = [AUDIENCE, `${origin}/userinfo`]
          payload['azp'] = CLIENT_ID
          delete payload['client_id']
        },
      },
    },
    jwks: { keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })] },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    // Everybody agrees to everything.
    loadExistingGrant: async ({ oidc }: GrantContext) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId })
      grant.addOIDCScope('openid')
      grant.addResourceScope(AUDIENCE, 'files')
      await grant.save()
      return grant
    },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  }
}

async function signIn(origin: string, subject: string): Promise<{ access_token: string; id_token: string }> {
  const verifier = randomBytes(32).toString('base64url')
  const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()
  const cookies = new Map<string, string>()
  let location = `${origin}/auth?${form({
    client_id: CLIENT_ID,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid files',
    resource: AUDIENCE,
    login_hint: subject,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })}`
  for (let hop = 0; !location.startsWith(CALLBACK); hop++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await request(location, { headers: { cookie } })
    if (!answer.headers.location || hop > 10) throw new Error(`the provider answered ${answer.status}: ${answer.text}`)
    for (const set of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    location = new URL(answer.headers.location, origin).href
  }
  const code = new URL(location).searchParams.get('code')
  if (!code) throw new Error(`the provider gave no code: ${location}`)
  const answer = await request(`${origin}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      client_id: CLIENT_ID,
      code_verifier: verifier,
      resource: AUDIENCE,
    }),
  })
  return answer.json()
}
