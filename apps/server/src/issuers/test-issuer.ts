import type { IssuerReport } from '@skycrate/contract/issuers/schemas'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { discoveredKeys, discoveryUrl } from '@skycrate/issuer-keys/discovered-keys'
import { fetchJson } from '@skycrate/issuer-keys/fetch-json'
import { IssuerKeys } from '@skycrate/issuer-keys/issuer-keys'
import { KeysUnavailableError } from '@skycrate/issuer-keys/keys-unavailable-error'
import { verifyToken } from '@skycrate/issuer-keys/verify-token'
import { readToken } from '../identity/token-verifier.ts'
import { explainToken } from './explain-token.ts'

const TIMEOUT_MS = 5000
const MAX_KEYS = 100

/** Asks the issuer anew, as the verifier of tokens does, and says what each step came to. Nothing is kept. */
export async function testIssuer(options: {
  readonly settings: IssuerSettings
  readonly token: string | undefined
  readonly allowInsecureLoopback: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}): Promise<IssuerReport> {
  const { settings, token, allowInsecureLoopback } = options
  const fetching = { timeout: TIMEOUT_MS, allowInsecureLoopback }
  const discovery = await testDiscovery(settings, fetching)
  const keys = await testKeys(settings.jwksUri ?? discovery.jwksUri, fetching)
  return { discovery, keys, ...(token === undefined ? {} : { token: await testToken(token.trim(), options) }) }
}

type Fetching = Parameters<typeof fetchJson>[1]

async function testDiscovery(
  { issuer, jwksUri }: IssuerSettings,
  fetching: Fetching,
): Promise<IssuerReport['discovery']> {
  const url = discoveryUrl(issuer)
  try {
    const document = await fetchJson(url, fetching)
    const found = discoveredKeys(document, issuer)
    const { authorization_endpoint: endpoint } = document
    return {
      url,
      outcome: 'good',
      detail: 'The document was read, and names this issuer.',
      jwksUri: found,
      ...(typeof endpoint === 'string' ? { authorizationEndpoint: endpoint.slice(0, 2000) } : {}),
    }
  } catch (error) {
    const detail = reasonOf(error)
    if (jwksUri === undefined) return { url, outcome: 'bad', detail }
    return { url, outcome: 'unused', detail: `Not needed for tokens, since jwksUri is set. ${detail}` }
  }
}

async function testKeys(uri: string | undefined, fetching: Fetching): Promise<IssuerReport['keys']> {
  if (uri === undefined) return { outcome: 'bad', detail: 'It is not known where the keys are.', keys: [] }
  try {
    const { keys } = await fetchJson(uri, fetching)
    if (!Array.isArray(keys)) return { outcome: 'bad', detail: 'The key set has no keys.', keys: [] }
    const read = keys.slice(0, MAX_KEYS).map((key: unknown) => {
      const of = (name: string): string | null => {
        const value = typeof key === 'object' && key !== null ? (key as Record<string, unknown>)[name] : undefined
        return typeof value === 'string' ? value.slice(0, 200) : null
      }
      return { kid: of('kid'), kty: of('kty'), alg: of('alg'), use: of('use') }
    })
    if (read.length === 0) return { outcome: 'bad', detail: 'The key set is empty.', keys: [] }
    return { outcome: 'good', detail: `Read from ${uri.slice(0, 500)}`, keys: read }
  } catch (error) {
    return { outcome: 'bad', detail: reasonOf(error), keys: [] }
  }
}

async function testToken(
  text: string,
  { settings, allowInsecureLoopback, now }: Parameters<typeof testIssuer>[0],
): Promise<NonNullable<IssuerReport['token']>> {
  const read = readToken(text.replace(/^bearer +/i, ''))
  if ('refused' in read) return { outcome: 'refused', reason: read.refused, claims: [] }
  const claims = explainToken(read, settings, now)
  const keys = new IssuerKeys(settings, {
    allowInsecureLoopback,
    timeout: TIMEOUT_MS,
    now: () => performance.now(),
    onFailure: () => undefined,
  })
  const verdict = await verifyToken(read, settings, keys, now).catch((error: unknown) => {
    if (error instanceof KeysUnavailableError) return { outcome: 'refused', reason: 'issuer-unavailable' } as const
    throw error
  })
  if (verdict.outcome === 'refused') return { outcome: 'refused', reason: verdict.reason, claims }
  const { subject, email, emailVerified, name, groups, isAdmin } = verdict
  const person = { subject, email, emailVerified, name, groups: [...groups], isAdmin }
  return { outcome: 'accepted', reason: null, claims, person }
}

/** One line: the message and those of its causes. */
function reasonOf(error: unknown): string {
  const messages: string[] = []
  for (let next = error; next instanceof Error && messages.length < 4; next = next.cause) {
    const { code } = next as { code?: unknown }
    messages.push(next.message || (typeof code === 'string' ? code : next.name))
  }
  return messages.join(': ').replaceAll(/\s+/g, ' ').slice(0, 500)
}
