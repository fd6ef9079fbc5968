import type { SkyCrateClient } from '@skycrate/client/client'
import type { Choice } from '../../ui/form/search-input.tsx'
import { nameOf } from '../../ui/name-of.ts'

/** Choices that are shown at once. */
const MANY = 20

const queryOf = (text: string) => ({ limit: MANY, ...(text === '' ? {} : { search: text }) })

/** Groups that somebody can be put in. */
export async function searchOwnGroups(api: SkyCrateClient, text: string, signal: AbortSignal): Promise<Choice[]> {
  const { groups } = await api.request('listGroups', { query: queryOf(text) }, { signal })
  return groups.filter(({ issuer }) => issuer === null).map(({ name }) => ({ id: name, label: name }))
}

export async function searchPeople(api: SkyCrateClient, text: string, signal: AbortSignal): Promise<Choice[]> {
  const { users } = await api.request('listUsers', { query: queryOf(text) }, { signal })
  return users.map((user) => ({ id: user.id, label: nameOf(user), detail: user.email ?? user.id }))
}
