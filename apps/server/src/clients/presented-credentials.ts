import type { ClientCredentials } from './clients.ts'

/**
 * By `client_secret_basic` or `client_secret_post`. Undefined for none and for both at once, which RFC 6749 forbids.
 * @param authorization the header as it came
 * @see RFC 6749 section 2.3.1
 */
export function presentedCredentials(
  authorization: string | undefined,
  { client_id: id, client_secret: secret }: { readonly client_id?: string; readonly client_secret?: string },
): ClientCredentials | undefined {
  const encoded = /^basic +([\w+/=-]+) *$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return id === undefined || secret === undefined ? undefined : { clientId: id, secret }
  if (secret !== undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon === -1) return undefined
  const given = { clientId: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) }
  return id !== undefined && id !== given.clientId ? undefined : given
}

/** Both are form-encoded first; what is not stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
