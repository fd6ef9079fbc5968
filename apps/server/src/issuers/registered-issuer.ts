import { type ConfiguredIssuer, toSettings } from '../config/issuers.ts'
import type { Sealing } from '../sealing.ts'
import { issuerIdOf } from './issuer-id.ts'
import type { RegisteredIssuer } from './issuer-registry.ts'
import type { IssuerRow } from './issuer-rows.ts'

export function ofConfiguration(issuer: ConfiguredIssuer): RegisteredIssuer {
  const { name, clientSecret, ...settings } = issuer
  const [clientId] = settings.clientId ?? []
  return {
    id: issuerIdOf(issuer.issuer),
    name: name ?? defaultName(issuer.issuer),
    source: 'configuration',
    settings,
    client: clientId === undefined ? undefined : { id: clientId, secret: clientSecret },
  }
}

/** @param sealing undefined in a process that has not the server's secret: then there are no client secrets */
export function ofRow(row: IssuerRow, sealing: Sealing | undefined): RegisteredIssuer {
  const [clientId] = row.client_id
  const { audience, client_id: clients } = row
  return {
    id: row.id,
    name: row.name,
    source: 'database',
    settings: toSettings({
      ...row.settings,
      issuer: row.issuer,
      ...(audience.length > 0 ? { audience } : {}),
      ...(clients.length > 0 ? { clientId: clients } : {}),
    }),
    client:
      clientId === undefined
        ? undefined
        : { id: clientId, secret: row.client_secret === null ? undefined : sealing?.open(row.id, row.client_secret) },
  }
}

export const defaultName = (issuer: string): string => new URL(issuer).host
