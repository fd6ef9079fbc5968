import type { Config } from '../config/config.ts'

/** Origins whose pages may talk to the buckets. */
export function webOrigins({
  publicUrl,
  webOrigins: more,
}: Pick<Config['http'], 'publicUrl' | 'webOrigins'>): string[] {
  const { protocol, hostname, port } = new URL(publicUrl)
  const suffix = port === '' ? '' : `:${port}`
  // A page at localhost is also reached as 127.0.0.1, and to the browser these are two origins.
  const names = hostname === 'localhost' || hostname === '127.0.0.1' ? ['localhost', '127.0.0.1'] : [hostname]
  return [...new Set([...names.map((name) => `${protocol}//${name}${suffix}`), ...more])]
}
