import { createHash, createHmac } from 'node:crypto'

const ENCODED = 'whsec_'

const keyOf = (secret: string): Buffer =>
  secret.startsWith(ENCODED) ? Buffer.from(secret.slice(ENCODED.length), 'base64') : Buffer.from(secret)

/**
 * The headers of a message: an id that is the same when it is sent again, the time, and with a secret the signature of
 * id, time and body.
 *
 * @param now milliseconds since 1970
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const messageHeaders = (body: string, secret: string | undefined, now: number): Record<string, string> => {
  const id = `msg_${createHash('sha256').update(body).digest('base64url').slice(0, 27)}`
  const timestamp = String(Math.floor(now / 1000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === undefined) return headers
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}
