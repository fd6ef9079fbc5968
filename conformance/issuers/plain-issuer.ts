import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeJwt, type Signer } from './jwt.ts'

/** An issuer reduced to what a resource server sees of one: discovery, keys and the tokens it signs. */
export interface PlainIssuer extends AsyncDisposable {
  readonly issuer: string
  /** Signs the claims over good defaults (`iss`, `iat`, `exp` in ten minutes) with the newest key. */
  token(claims: object, header?: object): string
  /** The newest key, for tokens that are wrong on purpose. */
  key(): { readonly kid: string; readonly signer: Signer; readonly publicKey: KeyObject }
  /** From now on a new key signs and the old one is no longer published. */
  rotate(): void
  /** How often the keys were fetched. */
  keyFetches(): number
}

/** @param path of the issuer's URL: `/` for Auth0's shape, `/us-east-1_pool` for Cognito's */
export async function startPlainIssuer(path: string, port = 0): Promise<PlainIssuer> {
  let current = makeKey()
  let fetches = 0
  const base = path === '/' ? '' : path
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === `${base}/.well-known/openid-configuration`) {
      response.end(JSON.stringify({ issuer, jwks_uri: `${origin}${base}/.well-known/jwks.json` }))
    } else if (request.url === `${base}/.well-known/jwks.json`) {
      fetches++
      const jwk = { ...current.publicKey.export({ format: 'jwk' }), kid: current.kid, use: 'sig', alg: 'RS256' }
      response.end(JSON.stringify({ keys: [jwk] }))
    } else {
      response.writeHead(404).end('{}')
    }
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}${path}`

  return {
    issuer,
    token(claims, header = {}) {
      const now = Math.floor(Date.now() / 1000)
      return makeJwt(
        { typ: 'JWT', kid: current.kid, ...header },
        { iss: issuer, iat: now, exp: now + 600, ...claims },
        current.signer,
      )
    },
    key: () => current,
    rotate() {
      current = makeKey()
    },
    keyFetches: () => fetches,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signer: Signer = { alg: 'RS256', key: privateKey }
  return { kid: randomBytes(6).toString('hex'), signer, publicKey }
}
