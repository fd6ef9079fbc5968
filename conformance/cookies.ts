import type { Answer } from './http.ts'

/** What a browser would keep of the answers it got, by name. */
export interface CookieJar {
  /** As the Cookie header sends them. */
  header(): string
  get(name: string): string | undefined
  /** Of the session cookie, whose name has the server's port. */
  session(): string | undefined
  take(answer: Answer): void
}

export function cookieJar(): CookieJar {
  const held = new Map<string, string>()
  return {
    header: () => [...held].map(([name, value]) => `${name}=${value}`).join('; '),
    get: (name) => held.get(name),
    session: () => [...held].find(([name]) => /^(__Host-skycrate|skycrate-\d+)$/.test(name))?.[1],
    take({ headers }) {
      for (const set of headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
        if (/max-age=0(;|$)/i.test(set)) held.delete(name)
        else held.set(name, value)
      }
    },
  }
}
