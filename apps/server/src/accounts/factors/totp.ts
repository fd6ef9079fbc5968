import { Secret, TOTP } from 'otpauth'

/** Bytes of a secret: what RFC 4226 recommends. */
const SECRET_BYTES = 20
/** Seconds of a step. What authenticator apps take for granted: with SHA-1 and six digits they all agree. */
const PERIOD = 30
/** Steps by which the clock of the phone may be off. */
const WINDOW = 1

const parametersOf = (secret: string) =>
  ({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: PERIOD }) as const

/** In base32. */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/**
 * @param place the host name by which the app lists it
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
export function totpUri(secret: string, place: string, account: string): string {
  return new TOTP({ ...parametersOf(secret), issuer: place, label: account }).toString()
}

/**
 * The step whose code this is, within the window.
 * @param now milliseconds since the epoch
 * @see RFC 6238
 */
export function totpStepOf(secret: string, code: string, now: number): number | undefined {
  const token = code.replaceAll(/[\s-]/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const delta = TOTP.validate({ ...parametersOf(secret), token, timestamp: now, window: WINDOW })
  return delta === null ? undefined : TOTP.counter({ period: PERIOD, timestamp: now }) + delta
}
