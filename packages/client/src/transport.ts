import type { RouteName } from '@skycrate/contract/paths'
import type { CallOptions } from './call-options.ts'
import type { RouteInput, RouteOutput } from './route-types.ts'

/** The two ways out of a client: to the API with its session, and anywhere without. */
export interface Transport {
  /**
   * Calls any route of the contract, renewing the access token where it has ended.
   * @throws SkyCrateError; the signal's reason where that is aborted
   */
  request<Name extends RouteName>(
    name: Name,
    input: RouteInput<Name>,
    options?: CallOptions,
  ): Promise<RouteOutput<Name>>
  readonly fetch: typeof globalThis.fetch
}
