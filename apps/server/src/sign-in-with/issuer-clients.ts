import { discoveryUrl } from '@skycrate/issuer-keys/discovered-keys'
import { fetchJson } from '@skycrate/issuer-keys/fetch-json'
import { isLoopback } from '@skycrate/issuer-keys/loopback'
import { isTrustworthy } from '@skycrate/issuer-keys/trustworthy-url'
import * as openid from 'openid-client'
import { AppError } from '../errors/app-error.ts'
import type { IssuerLog } from '../identity/issuer-log.ts'
import type { RegisteredIssuer } from '../issuers/issuer-registry.ts'
import { boundedFetch } from './bounded-fetch.ts'

/** Milliseconds for which what an issuer says of itself is believed. */
const MAX_AGE_MS = 10 * 60_000
/** Milliseconds after a failure in which the issuer is not asked again, however many want to sign in. */
const COOLDOWN_MS = 5_000
const TIMEOUT_MS = 5_000

/** SkyCrate as a client of its issuers, by their discovery documents. */
export interface IssuerClients {
  /** @throws AppError `issuer-unavailable` */
  of(issuer: RegisteredIssuer): Promise<openid.Configuration>
  /** What is known is forgotten: settings of issuers have changed. */
  clear(): void
}

interface Known {
  readonly settings: RegisteredIssuer
  readonly client: Promise<openid.Configuration>
  readonly askedAt: number
  failed: boolean
}

export function createIssuerClients(options: {
  readonly allowInsecureLoopback: boolean
  readonly logOf: (issuer: string) => IssuerLog
  /** Monotonic milliseconds. */
  readonly now: () => number
}): IssuerClients {
  const { allowInsecureLoopback, logOf, now } = options
  const known = new Map<string, Known>()

  function ask(issuer: RegisteredIssuer): Known {
    const client = discover(issuer, allowInsecureLoopback)
    const asked: Known = { settings: issuer, client, askedAt: now(), failed: false }
    client.catch((error: unknown) => {
      asked.failed = true
      logOf(issuer.settings.issuer).failed(error instanceof Error ? error : new Error(String(error)))
    })
    known.set(issuer.id, asked)
    return asked
  }

  return {
    async of(issuer) {
      const held = known.get(issuer.id)
      const age = held === undefined ? Infinity : now() - held.askedAt
      const isGood = held !== undefined && held.settings === issuer && age < (held.failed ? COOLDOWN_MS : MAX_AGE_MS)
      const asked = isGood ? held : ask(issuer)
      try {
        return await asked.client
      } catch {
        logOf(issuer.settings.issuer).refused()
        throw new AppError('issuer-unavailable', undefined, { retryAfter: COOLDOWN_MS / 1000 })
      }
    },
    clear: () => known.clear(),
  }
}

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'end_session_endpoint'] as const

async function discover({ settings, client }: RegisteredIssuer, allowInsecureLoopback: boolean) {
  if (client === undefined) throw new Error('the issuer has no client id')
  const { issuer } = settings
  const metadata = await fetchJson(discoveryUrl(issuer), { timeout: TIMEOUT_MS, allowInsecureLoopback })
  if (metadata['issuer'] !== issuer) {
    throw new Error(`the discovery document is of another issuer: ${JSON.stringify(metadata['issuer'])?.slice(0, 200)}`)
  }
  for (const name of ENDPOINTS) {
    const url = metadata[name]
    if (url === undefined && name !== 'authorization_endpoint' && name !== 'token_endpoint') continue
    // An issuer elsewhere has no business with what listens on this machine.
    if (typeof url !== 'string' || !isTrustworthy(url, allowInsecureLoopback && isLoopback(issuer))) {
      throw new Error(`the discovery document has no usable ${name}`)
    }
  }
  const configuration = new openid.Configuration(
    metadata as unknown as openid.ServerMetadata,
    client.id,
    { [openid.clockTolerance]: settings.clockToleranceSeconds },
    authenticationOf(client.secret, metadata['token_endpoint_auth_methods_supported']),
  )
  configuration[openid.customFetch] = boundedFetch(allowInsecureLoopback)
  if (allowInsecureLoopback) openid.allowInsecureRequests(configuration)
  return configuration
}

/** @param methods absent: `client_secret_basic`, by OpenID Connect Discovery 1.0 section 3 */
function authenticationOf(secret: string | undefined, methods: unknown): openid.ClientAuth {
  if (secret === undefined) return openid.None()
  const takesPost = Array.isArray(methods) && methods.includes('client_secret_post')
  return takesPost ? openid.ClientSecretPost(secret) : openid.ClientSecretBasic(secret)
}
