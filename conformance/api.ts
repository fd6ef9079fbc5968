import { type Answer, type Ask, request } from './http.ts'
import type { System } from './system.ts'

/** The API under one sign-in: every call carries its token. */
export interface Api {
  readonly token: string | undefined
  get(path: string, ask?: Ask): Promise<Answer>
  post(path: string, body: unknown, ask?: Ask): Promise<Answer>
  put(path: string, body: unknown, ask?: Ask): Promise<Answer>
  delete(path: string, ask?: Ask): Promise<Answer>
}

export interface Tokens {
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly refresh_token: string
}

export interface Home {
  readonly bucket: string
  readonly prefix: string
  readonly region: string
  readonly state: string
  readonly steps: readonly { readonly step: string; readonly outcome: string; readonly reason: string | null }[]
}

export interface Vended {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: string
}

export interface ObjectList {
  readonly objects: readonly {
    readonly key: string
    readonly size: number
    readonly etag: string
    readonly storageClass: string
  }[]
  readonly prefixes: readonly string[]
  readonly nextCursor: string | null
}

export interface AuditEvent {
  readonly id: string
  readonly at: string
  readonly action: string
  readonly bucket: string | null
  readonly key: string | null
  readonly outcome: string
  readonly userId: string | null
  readonly reason: string | null
  readonly requestId: string
  readonly detail: Readonly<Record<string, unknown>> | null
}

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly requestId: string
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
}

/** @param token undefined: not signed in */
export function apiOf(url: string, token: string | undefined): Api {
  const call = (method: string, path: string, ask: Ask = {}): Promise<Answer> =>
    request(`${url}/api/v1${path}`, {
      ...ask,
      method,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...ask.headers },
    })
  const send = (method: string, path: string, body: unknown, ask?: Ask): Promise<Answer> =>
    call(method, path, {
      ...ask,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...ask?.headers },
    })
  return {
    token,
    get: (path, ask) => call('GET', path, ask),
    post: (path, body, ask) => send('POST', path, body, ask),
    put: (path, body, ask) => send('PUT', path, body, ask),
    delete: (path, ask) => call('DELETE', path, ask),
  }
}

/** @throws where the sign-in is refused */
export async function signInAsAdmin(system: System): Promise<Api & { readonly tokens: Tokens }> {
  const answer = await apiOf(system.url, undefined).post('/auth/login', system.admin)
  if (answer.status !== 200)
    throw new Error(`the administrator's sign-in was answered ${answer.status}: ${answer.text}`)
  const tokens = answer.json<Tokens>()
  return { ...apiOf(system.url, tokens.access_token), tokens }
}

/** All pages of an audit listing, newest first. */
export async function auditEvents(api: Api, path: '/audit/logs' | '/audit/my-activity'): Promise<AuditEvent[]> {
  const events: AuditEvent[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer = await api.get(`${path}?limit=1000${query}`)
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${answer.text}`)
    const page: { events: AuditEvent[]; nextCursor: string | null } = answer.json()
    events.push(...page.events)
    cursor = page.nextCursor
  }
  return events
}
