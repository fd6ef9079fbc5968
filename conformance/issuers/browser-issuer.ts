import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { freePort } from '../free-port.ts'

/** What the tokens of one vendor are like. */
export interface Shape {
  /** What follows the origin in the issuer's URL. */
  readonly path: string
  readonly secret: string | undefined
  /** Claims beside `sub` in the ID token of a person. */
  readonly claims: (subject: string, origin: string) => Record<string, unknown>
  /** Whether these claims stand at the userinfo endpoint only, as OpenID Connect Core has it for the code flow. */
  readonly atUserInfo?: boolean
  readonly endSession?: boolean
}

/** Vendors by what their ID tokens hold. */
export const SHAPES = {
  auth0: {
    path: '/',
    secret: undefined,
    claims: (subject) => ({
      email: `${subject}@auth0.example`,
      email_verified: true,
      name: `Auth0 ${subject}`,
      'https://skycrate.test/groups': ['editors'],
    }),
  },
  cognito: {
    path: '/eu-central-1_AbCdEfGhI',
    secret: 'cognito client secret 0123456789',
    claims: (subject) => ({
      email: `${subject}@cognito.example`,
      email_verified: 'true',
      'cognito:username': subject,
      'cognito:groups': ['editors', 'admins'],
      token_use: 'id',
    }),
    endSession: false,
  },
  entra: {
    path: '/3f1e2a90-0000-4000-8000-000000000000/v2.0',
    secret: 'entra client secret 0123456789ab',
    claims: (subject) => ({
      preferred_username: `${subject}@entra.example`,
      email: `${subject}@entra.example`,
      name: `Entra ${subject}`,
      oid: `oid-${subject}`,
      tid: '3f1e2a90-0000-4000-8000-000000000000',
      ver: '2.0',
      roles: ['editors'],
    }),
  },
  keycloak: {
    path: '/realms/skycrate',
    secret: 'keycloak client secret 012345678',
    claims: (subject) => ({
      email: `${subject}@keycloak.example`,
      email_verified: true,
      preferred_username: subject,
      name: `Keycloak ${subject}`,
      typ: 'ID',
      realm_access: { roles: ['editors', 'offline_access'] },
    }),
  },
  plain: {
    path: '',
    secret: undefined,
    atUserInfo: true,
    claims: (subject) => ({
      email: `${subject}@plain.example`,
      email_verified: true,
      name: `Plain ${subject}`,
      amr: ['mfa'],
    }),
  },
} as const satisfies Record<string, Shape>

/** A real OpenID Connect provider (npm's oidc-provider) to sign in at in a browser. */
export interface BrowserIssuer extends AsyncDisposable {
  readonly issuer: string
  readonly clientId: string
  readonly secret: string | undefined
  /** Requests that came, as `METHOD /path`. */
  readonly seen: string[]
  /** How the token endpoint answers instead of the provider. */
  tokenAnswer: ((response: ServerResponse) => void) | undefined
  /** How discovery answers instead of the provider. */
  discoveryAnswer: ((response: ServerResponse) => void) | undefined
  /** Logout tokens that it sent, the newest last. */
  readonly logoutTokens: string[]
  /** Claims of the ID token that are changed. */
  idTokenChanges: Record<string, unknown>
}

interface Provider {
  proxy: boolean
  callback(): (request: IncomingMessage, response: ServerResponse) => void
  interactionDetails(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ prompt: { name: string }; params: Record<string, string> }>
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  readonly Grant: new (of: { accountId: string; clientId: string }) => {
    addOIDCScope(scope: string): void
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

const PACKAGE: string = 'oidc-provider'
const CLIENT_ID = 'skycrate-web'

export interface BrowserIssuerOptions {
  /** Of SkyCrate. */
  readonly publicUrl: string
}

export async function startBrowserIssuer(shape: Shape, { publicUrl }: BrowserIssuerOptions): Promise<BrowserIssuer> {
  const { default: ProviderImplementation } = (await import(PACKAGE)) as { default: ProviderClass }
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const issuer = `${origin}${shape.path}`
  const self: Omit<BrowserIssuer, keyof AsyncDisposable> = {
    issuer,
    clientId: CLIENT_ID,
    secret: shape.secret,
    seen: [],
    logoutTokens: [],
    tokenAnswer: undefined,
    discoveryAnswer: undefined,
    idTokenChanges: {},
  }
  const base = shape.path.replace(/\/$/, '')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const provider = new ProviderImplementation(
    issuer,
    configurationOf(shape, origin, publicUrl, privateKey, self.logoutTokens),
  )
  const handle = provider.callback()
  const server = createServer((incoming, response) => {
    const path = incoming.url ?? '/'
    self.seen.push(`${incoming.method} ${path.split('?')[0]}`)
    if (path.includes('/.well-known/') && self.discoveryAnswer) return self.discoveryAnswer(response)
    if (path === `${base}/token` && self.tokenAnswer) return self.tokenAnswer(response)
    if (path.startsWith('/interaction/')) return void interact(provider, incoming, response)
    if (!path.startsWith(base)) return void response.writeHead(404).end()
    if (path === `${base}/token`) changeIdToken(response, self.idTokenChanges, privateKey)
    // As a web server mounts it: the provider writes the path of its mount in front of its own.
    Object.assign(incoming, { originalUrl: path, url: path.slice(base.length) || '/' })
    handle(incoming, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return Object.assign(self, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

/** Signs the ID token of an answer anew, with other claims. */
function changeIdToken(response: ServerResponse, changes: Record<string, unknown>, privateKey: KeyObject): void {
  if (Object.keys(changes).length === 0) return
  const end = response.end.bind(response) as (body: string) => ServerResponse
  response.end = ((body: string | Buffer) => {
    const answer = JSON.parse(String(body)) as { id_token?: string }
    const [head = '', claims = ''] = answer.id_token?.split('.') ?? []
    const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), ...changes } as object
    const text = `${head}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}`
    const signature = sign('sha256', Buffer.from(text), privateKey).toString('base64url')
    const next = JSON.stringify({ ...answer, id_token: `${text}.${signature}` })
    response.setHeader('content-length', Buffer.byteLength(next))
    return end(next)
  }) as typeof response.end
}

/** A page with the person's name, as an issuer would ask for it; `cancel` is a person who does not want to. */
async function interact(provider: Provider, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (incoming.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(
      `<h1>Sign in at the issuer</h1><form method="post"><label>Who <input name="who"></label><button>Continue</button></form>`,
    )
    return
  }
  let body = ''
  for await (const piece of incoming) body += String(piece)
  const who = new URLSearchParams(body).get('who') ?? ''
  const result = who === 'cancel' ? { error: 'access_denied' } : { login: { accountId: who } }
  await provider.interactionFinished(incoming, response, result)
}

function configurationOf(
  shape: Shape,
  origin: string,
  publicUrl: string,
  privateKey: KeyObject,
  logoutTokens: string[],
): object {
  const names = Object.keys(shape.claims('x', origin))
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        ...(shape.secret === undefined
          ? { token_endpoint_auth_method: 'none' }
          : { client_secret: shape.secret, token_endpoint_auth_method: 'client_secret_post' }),
        redirect_uris: [`${publicUrl}/api/v1/auth/callback`],
        post_logout_redirect_uris: [`${publicUrl}/sign-in`],
        backchannel_logout_uri: `${publicUrl}/api/v1/auth/back-channel-logout`,
        backchannel_logout_session_required: true,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: [], profile: names },
    conformIdTokenClaims: shape.atUserInfo === true,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: shape.endSession !== false,
        // A hint of who signs out needs no question.
        logoutSource: (context: { body: string }, form: string) => {
          context.body = `<body onload="document.forms[0].submit()">${form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>')}</body>`
        },
      },
    },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...shape.claims(id, origin) }),
    }),
    jwks: { keys: [privateKey.export({ format: 'jwk' })] },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    loadExistingGrant: async ({ oidc }: GrantContext) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
    // Only SkyCrate of this test is asked; the provider's own dispatcher refuses addresses of this machine.
    fetch: (url: string | URL, init: RequestInit) => {
      const { body } = init
      const form = typeof body === 'string' || body instanceof URLSearchParams ? new URLSearchParams(body) : undefined
      const sent = form?.get('logout_token') ?? null
      if (sent !== null) logoutTokens.push(sent)
      return fetch(url, { ...init, dispatcher: undefined } as RequestInit)
    },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  }
}
