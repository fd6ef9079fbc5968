import { cookieJar, type CookieJar } from './cookies.ts'
import { type Answer, type Ask, request } from './http.ts'

/** A browser without scripts: it keeps cookies for each host, fills in the issuer's form and follows redirects. */
export interface PlainBrowser {
  jarOf(url: string): CookieJar
  ask(url: string, ask?: Ask): Promise<Answer>
  /**
   * Follows redirects to where they end, signing in at the issuer on the way.
   * @param stopAt an address that is not asked for any more
   */
  follow(
    url: string,
    who: string,
    stopAt?: (url: string) => boolean,
  ): Promise<{ url: string; answer: Answer | undefined }>
}

let browsers = 0

/** Each has an address of its own, where the system trusts a proxy to name it. */
export function plainBrowser(address = `192.0.2.${(browsers++ % 250) + 1}`): PlainBrowser {
  const jars = new Map<string, CookieJar>()
  // Cookies know no ports.
  const jarOf = (url: string): CookieJar => {
    const { hostname } = new URL(url)
    const jar = jars.get(hostname) ?? cookieJar()
    jars.set(hostname, jar)
    return jar
  }
  async function ask(url: string, given: Ask = {}): Promise<Answer> {
    const jar = jarOf(url)
    const cookie = jar.header()
    const answer = await request(url, {
      ...given,
      headers: { 'x-forwarded-for': address, ...(cookie === '' ? {} : { cookie }), ...given.headers },
    })
    jar.take(answer)
    return answer
  }
  return {
    jarOf,
    ask,
    async follow(first, who, stopAt = () => false) {
      let url = first
      for (let hop = 0; hop < 15; hop++) {
        if (stopAt(url)) return { url, answer: undefined }
        let answer = await ask(url)
        if (answer.status === 200 && answer.text.includes('Sign in at the issuer')) {
          const headers = { 'content-type': 'application/x-www-form-urlencoded' }
          answer = await ask(url, { method: 'POST', headers, body: new URLSearchParams({ who }).toString() })
        }
        const { location } = answer.headers
        if (location === undefined) return { url, answer }
        url = new URL(location, url).href
      }
      throw new Error(`too many redirects, at last to ${url}`)
    },
  }
}
