import type { StoreConfig } from '../config/config.ts'

/** Where the embedded store is at a port, for this machine and for its clients. */
export function embeddedEndpoints(
  { host, tls, publicEndpoint }: Extract<StoreConfig, { readonly kind: 'embedded' }>,
  port: number,
): { readonly endpoint: string; readonly publicEndpoint: string } {
  // An address such as 0.0.0.0 is one to listen on, not one to go to.
  const address = /^(0\.0\.0\.0|::)$/.test(host) ? '127.0.0.1' : host
  const endpoint =
    tls === undefined
      ? `http://${address.includes(':') ? `[${address}]` : address}:${port}`
      : // A certificate is for a name.
        `https://${tls.hostname}:${port}`
  return { endpoint, publicEndpoint: publicEndpoint ?? endpoint }
}
