import { createAddresser } from '@skycrate/core/sigv4/address'
import type { StoreTarget } from './store-access.ts'

/**
 * The origins of presigned URLs, as a content security policy names them: under virtual addressing every bucket has a
 * host of its own, and only those with a dot are found at the endpoint itself.
 */
export function browserOrigins({ publicEndpoint, addressing }: Pick<StoreTarget, 'publicEndpoint' | 'addressing'>) {
  const addressOf = createAddresser(publicEndpoint, addressing)
  return [...new Set([addressOf('with.dot', '').origin, addressOf('*', '').origin])]
}
