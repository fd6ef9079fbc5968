import { createPublicKey, verify } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { claimsOf } from './idp-steps.ts'
import { request } from './http.ts'

export interface ExampleApi extends AsyncDisposable {
  readonly url: string
  /** What it was told, and by whom: the `sub` of the token. */
  readonly images: readonly { readonly sub: string; readonly key: string; readonly filename: string }[]
}

/**
 * An app's own API, which verifies ID tokens by the published keys, as one does behind a Cognito user pool.
 *
 * @param issuer of the tokens
 * @param client the app's id, their audience
 */
export async function startExampleApi(issuer: string, client: string): Promise<ExampleApi> {
  const images: ExampleApi['images'][number][] = []

  async function subjectOf(authorization: string | undefined): Promise<string | undefined> {
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? []
    const [header, payload, signature] = (token ?? '').split('.')
    if (!token || !signature) return undefined
    const { kid } = JSON.parse(Buffer.from(header!, 'base64url').toString()) as { kid: string }
    const { keys } = (await request(`${issuer}/.well-known/jwks.json`)).json<{
      keys: ({ kid: string } & Record<string, unknown>)[]
    }>()
    const jwk = keys.find((key) => key.kid === kid)
    if (!jwk) return undefined
    const key = createPublicKey({ key: jwk as Record<string, string>, format: 'jwk' })
    const signed = Buffer.from(`${header}.${payload}`)
    const isSigned = verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
    const { sub, aud, token_use: use, exp } = claimsOf(token)
    const isGood = isSigned && aud === client && use === 'id' && Number(exp) * 1000 > Date.now()
    return isGood ? String(sub) : undefined
  }

  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      subjectOf(incoming.headers.authorization).then(
        (sub) => {
          if (sub !== undefined) {
            images.push({ sub, ...(JSON.parse(Buffer.concat(chunks).toString()) as { key: string; filename: string }) })
          }
          answer.writeHead(sub === undefined ? 401 : 201).end()
        },
        () => answer.writeHead(500).end(),
      )
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    images,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
