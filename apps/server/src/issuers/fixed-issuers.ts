import type { ConfiguredIssuer } from '../config/issuers.ts'
import type { IssuerRegistry } from './issuer-registry.ts'
import { ofConfiguration } from './registered-issuer.ts'

/** A registry of the configured issuers alone. */
export function fixedIssuers(configured: readonly ConfiguredIssuer[]): IssuerRegistry {
  const issuers = configured.map(ofConfiguration)
  return {
    list: () => issuers,
    byId: (id) => issuers.find((each) => each.id === id),
    byIssuer: (issuer) => issuers.find((each) => each.settings.issuer === issuer),
    current: () => Promise.resolve(),
    onChange: () => undefined,
  }
}
