import { createAddresser } from '@skycrate/core/sigv4/address'
import type { StoreTarget } from '../store-target.ts'
import { ACCELERATE_ENDPOINT } from './presigner-source.ts'
import { regionalEndpoint } from './regional-endpoint.ts'

/**
 * The origins of presigned URLs, as a content security policy names them: under virtual addressing every bucket has a
 * host of its own, and only those with a dot are found at the endpoint itself.
 *
 * @param regions in which there are buckets, besides the store's own
 */
export function browserOrigins(
  {
    kind,
    publicEndpoint,
    region,
    addressing,
  }: Pick<StoreTarget, 'publicEndpoint' | 'region' | 'addressing'> & Partial<Pick<StoreTarget, 'kind'>>,
  regions: readonly string[],
): string[] {
  const origins = [region, ...regions].flatMap((each) => {
    const addressOf = createAddresser(regionalEndpoint(publicEndpoint, region, each), addressing)
    return [addressOf('with.dot', '').origin, addressOf('*', '').origin]
  })
  // Any bucket may be accelerated while a page is open.
  const accelerated = kind === 'aws' ? [createAddresser(ACCELERATE_ENDPOINT, 'virtual')('*', '').origin] : []
  return [...new Set([...origins, ...accelerated])]
}
