import type { Deliveries } from '../../vending/delivery.ts'
import type { HandlersOf } from '../route.ts'

export function deliveryHandlers(deliveries: Deliveries): HandlersOf<'deliveryCookies'> {
  return {
    deliveryCookies: async ({ who, body, origin, reply }) => {
      const given = await deliveries.cookies(who, body, origin)
      const { domain, cookies, expiresAt, url } = given
      if (domain === null) return given
      const end = new Date(expiresAt).toUTCString()
      const { pathname } = new URL(url)
      for (const [name, value] of Object.entries(cookies)) {
        // Where nothing below the folder is asked for, they are not sent: a browser may hold those of several folders.
        void reply.header(
          'set-cookie',
          `${name}=${value}; Domain=${domain}; Path=${pathname}; Expires=${end}; HttpOnly; Secure; SameSite=Lax`,
        )
      }
      return given
    },
  }
}
