import type { User } from '@skycrate/contract/users/schemas'

export const USER_STATES = {
  active: { name: 'Active', color: 'success' },
  invited: { name: 'Invited', color: 'info' },
  suspended: { name: 'Suspended', color: 'error' },
  deleting: { name: 'Being deleted', color: 'warning' },
} as const satisfies Record<User['state'], { name: string; color: string }>

/** The filters of the list of users as they stand in the address. */
export interface UserSearch {
  readonly search?: string
  readonly state?: User['state']
}

const isState = (value: unknown): value is User['state'] =>
  typeof value === 'string' && Object.hasOwn(USER_STATES, value)

/** Leaves out what the API would refuse. */
export function parseUserSearch({ search, state }: Record<string, unknown>): UserSearch {
  return {
    ...(typeof search === 'string' && search !== '' ? { search: search.slice(0, 320) } : {}),
    ...(isState(state) ? { state } : {}),
  }
}
