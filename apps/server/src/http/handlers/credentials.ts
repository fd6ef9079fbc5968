import type { CredentialVending } from '../../vending/credentials.ts'
import type { HandlersOf } from '../route.ts'

export function credentialsHandlers(vending: CredentialVending): HandlersOf<'locations' | 'createCredentials'> {
  return {
    locations: ({ who, query }) => vending.locations(who, query.limit ?? 1000, query.cursor),
    createCredentials: ({ who, body, origin }) => vending.create(who, body, origin),
  }
}
