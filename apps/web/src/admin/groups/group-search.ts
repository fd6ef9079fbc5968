/** The filter of the list of groups as it stands in the address. */
export interface GroupSearch {
  readonly search?: string
}

/** Leaves out what the API would refuse. */
export function parseGroupSearch({ search }: Record<string, unknown>): GroupSearch {
  return typeof search === 'string' && search !== '' ? { search: search.slice(0, 256) } : {}
}
