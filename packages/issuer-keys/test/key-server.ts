import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const DISCOVERY = '/.well-known/openid-configuration'

/** What is answered at a path. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Not answered; the response waits in `waiting`. */
  readonly hangs?: boolean
  /** Answered with the beginning of a document alone. */
  readonly stalls?: boolean
}

/** An OpenID Connect issuer on loopback, as far as its keys go: discovery, and the set at `/keys`. */
export interface KeyServer extends AsyncDisposable {
  readonly url: string
  /** What it calls itself in its document; its URL when nothing else is set. */
  issuer: string
  /** What is in the key set. */
  keys: unknown[]
  /** Answers instead of the right ones, by path. */
  readonly answers: Map<string, Answer>
  /** Paths that it was asked for. */
  readonly asked: string[]
  readonly waiting: ServerResponse[]
  /** Called with each request, before it is answered. */
  onAsked: () => void
}

export const startKeyServer = async (...keys: unknown[]): Promise<KeyServer> => {
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    state.asked.push(path)
    state.onAsked()
    const other = state.answers.get(path)
    if (other?.hangs === true) {
      state.waiting.push(response)
      return
    }
    const documents: Readonly<Record<string, unknown>> = {
      [DISCOVERY]: { issuer: state.issuer, jwks_uri: `${state.url}/keys` },
      '/keys': { keys: state.keys },
      '/other-keys': { keys: state.keys },
    }
    const document = documents[path]
    response.writeHead(other?.status ?? (document === undefined ? 404 : 200), {
      'content-type': 'application/json',
      ...other?.headers,
    })
    if (other?.stalls === true) {
      response.write('{"keys":[')
      return
    }
    response.end(other?.body ?? JSON.stringify(document ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const state: KeyServer = {
    url,
    issuer: url,
    keys,
    answers: new Map(),
    asked: [],
    waiting: [],
    onAsked: () => undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return state
}
