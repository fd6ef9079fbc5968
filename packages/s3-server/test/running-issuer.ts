import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'

export interface IssuerKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export const makeKey = async (alg: string, kid: string): Promise<IssuerKey> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** What an issuer answers at a path. */
export interface IssuerAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Never answers. */
  readonly hangs?: boolean
}

/** An OpenID Connect issuer on loopback: discovery, keys, and tokens signed by them. */
export interface RunningIssuer extends AsyncDisposable {
  readonly url: string
  /** What policies call it. */
  readonly name: string
  readonly keys: IssuerKey[]
  /** Paths that it was asked for. */
  readonly asked: string[]
  /** Answers instead of the right ones, by path. */
  readonly answers: Map<string, IssuerAnswer>
  /** A token as the issuer gives it out, but for what is said otherwise. */
  token(claims?: Readonly<Record<string, unknown>>, options?: TokenOptions): Promise<string>
}

export interface TokenOptions {
  readonly key?: IssuerKey
  readonly header?: Readonly<Record<string, unknown>>
}

export const AUDIENCE = 'store'

/** @param now milliseconds since 1970 */
export const startIssuer = async (now: () => number = Date.now): Promise<RunningIssuer> => {
  const keys = [await makeKey('RS256', 'first')]
  const asked: string[] = []
  const answers = new Map<string, IssuerAnswer>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const set = { keys: keys.map(({ jwk }) => jwk) }
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': set,
      '/other-keys': set,
    }
    const other = answers.get(path)
    if (other?.hangs === true) return
    const document = documents[path]
    const usual = document === undefined ? { status: 404, body: '{}' } : { status: 200, body: JSON.stringify(document) }
    response.writeHead(other?.status ?? usual.status, { 'content-type': 'application/json', ...other?.headers })
    response.end(other?.body ?? usual.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    name: url.slice('http://'.length),
    keys,
    asked,
    answers,
    token: async (claims = {}, { key = keys[0], header = {} } = {}) => {
      if (key === undefined) throw new Error('the issuer has no key')
      const seconds = Math.floor(now() / 1000)
      const payload = { iss: url, sub: 'alice', aud: AUDIENCE, iat: seconds, exp: seconds + 300, ...claims }
      return await new SignJWT(payload)
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
        .sign(key.privateKey)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
