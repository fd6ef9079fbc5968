import type { ConfiguredIssuer } from '../config/issuers.ts'
import { issuerIdOf } from './issuer-id.ts'
import type { IssuerRegistry, RegisteredIssuer } from './issuer-registry.ts'

export async function openIssuers(options: {
  readonly configured: readonly ConfiguredIssuer[]
}): Promise<IssuerRegistry> {
  const issuers = options.configured.map(ofConfiguration).toSorted((one, other) => one.name.localeCompare(other.name))
  return {
    list: () => issuers,
    byId: (id) => issuers.find((each) => each.id === id),
    byIssuer: (issuer) => issuers.find((each) => each.settings.issuer === issuer),
    onChange() {},
    async [Symbol.asyncDispose]() {},
  }
}

function ofConfiguration(issuer: ConfiguredIssuer): RegisteredIssuer {
  const { name, clientSecret, ...settings } = issuer
  const [clientId] = settings.clientId ?? []
  return {
    id: issuerIdOf(issuer.issuer),
    name: name ?? new URL(issuer.issuer).host,
    source: 'configuration',
    settings,
    client: clientId === undefined ? undefined : { id: clientId, secret: clientSecret },
  }
}
