import { checkClaims, type ClaimsVerdict } from '@skycrate/core/identity/check-claims'
import { checkLogoutClaims, type LogoutVerdict } from '@skycrate/core/identity/check-logout-claims'
import type { Claims } from '@skycrate/core/identity/claims'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { IssuerKeys } from '@skycrate/issuer-keys/issuer-keys'
import { KeysUnavailableError } from '@skycrate/issuer-keys/keys-unavailable-error'
import type { ReadToken } from '@skycrate/issuer-keys/read-token'
import { type SignatureRefusal, verifySignature } from '@skycrate/issuer-keys/verify-signature'
import { AppError } from '../errors/app-error.ts'
import type { IssuerLog } from '../identity/issuer-log.ts'
import { readToken, type TokenRefusal } from '../identity/token-verifier.ts'
import type { RegisteredIssuer } from '../issuers/issuer-registry.ts'

export interface IdToken {
  readonly verdict: Extract<ClaimsVerdict, { outcome: 'accepted' }>
  readonly claims: Claims
}

/** Verifies what issuers sign for SkyCrate itself: its own client there is the only audience. */
export interface IdTokens {
  /**
   * Its nonce is the caller's to check.
   * @param more claims that the issuer gave elsewhere: those of the token win
   * @throws AppError `issuer-unavailable`
   */
  verify(
    issuer: RegisteredIssuer,
    token: string,
    more?: Claims,
  ): Promise<IdToken | { readonly refused: TokenRefusal | SignatureRefusal }>
  /** @throws AppError `issuer-unavailable` */
  verifyLogout(
    issuer: RegisteredIssuer,
    token: ReadToken,
  ): Promise<LogoutVerdict | { readonly outcome: 'refused'; readonly reason: SignatureRefusal }>
}

export function createIdTokens(options: {
  readonly allowInsecureLoopback: boolean
  readonly logOf: (issuer: string) => IssuerLog
  readonly now: () => number
  readonly monotonicNow: () => number
}): IdTokens {
  const { allowInsecureLoopback, logOf, now, monotonicNow } = options
  const known = new Map<string, { readonly settings: IssuerSettings; readonly keys: IssuerKeys }>()

  const keysOf = ({ id, settings }: RegisteredIssuer): IssuerKeys => {
    const held = known.get(id)
    if (held?.settings === settings) return held.keys
    const onFailure = (error: Error): void => logOf(settings.issuer).failed(error)
    const keys = new IssuerKeys(settings, { allowInsecureLoopback, now: monotonicNow, onFailure })
    known.set(id, { settings, keys })
    return keys
  }

  async function refusalOf(issuer: RegisteredIssuer, token: ReadToken): Promise<SignatureRefusal | undefined> {
    try {
      return await verifySignature(token, issuer.settings, keysOf(issuer))
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) throw error
      logOf(issuer.settings.issuer).refused()
      throw new AppError('issuer-unavailable', undefined, { retryAfter: error.retryAfter })
    }
  }

  return {
    async verify(issuer, token, more = {}) {
      const read = readToken(token)
      if ('refused' in read) return read
      const refused = await refusalOf(issuer, read)
      if (refused !== undefined) return { refused }
      const claims = { ...more, ...read.claims }
      const settings = { ...issuer.settings, audience: undefined, clientId: [issuer.client!.id] }
      const verdict = checkClaims(read.header.typ, claims, settings, now())
      return verdict.outcome === 'accepted' ? { verdict, claims } : { refused: verdict.reason }
    },

    async verifyLogout(issuer, token) {
      const reason = await refusalOf(issuer, token)
      if (reason !== undefined) return { outcome: 'refused', reason }
      return checkLogoutClaims(token.header.typ, token.claims, issuer.settings, issuer.client!.id, now())
    },
  }
}
