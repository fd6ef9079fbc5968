import type { UserHome } from '@skycrate/contract/homes/schemas'

export const HOME_STATES = {
  provisioning: { name: 'Being created', color: 'info' },
  ready: { name: 'Ready', color: 'success' },
  failed: { name: 'Failed', color: 'error' },
  deleting: { name: 'Being deleted', color: 'warning' },
} as const satisfies Record<UserHome['state'], { name: string; color: string }>

/** The filters of the list of homes as they stand in the address. */
export interface HomeSearch {
  readonly search?: string
  readonly state?: UserHome['state']
}

const isState = (value: unknown): value is UserHome['state'] =>
  typeof value === 'string' && Object.hasOwn(HOME_STATES, value)

/** Leaves out what the API would refuse. */
export function parseHomeSearch({ search, state }: Record<string, unknown>): HomeSearch {
  return {
    ...(typeof search === 'string' && search !== '' ? { search: search.slice(0, 255) } : {}),
    ...(isState(state) ? { state } : {}),
  }
}
