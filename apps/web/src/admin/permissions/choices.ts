import type { SkyCrateClient } from '@skycrate/client/client'
import type { Choice } from '../../ui/form/search-input.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { principalId } from './principal-id.ts'

/** Choices of one kind that are shown at once. */
const MANY = 20

export async function searchUsers(api: SkyCrateClient, text: string, signal: AbortSignal): Promise<Choice[]> {
  const query = { limit: MANY, ...(text === '' ? {} : { search: text }) }
  const { users } = await api.request('listUsers', { query }, { signal })
  return users.map((user) => ({
    id: principalId({ kind: 'user', userId: user.id }),
    label: nameOf(user),
    detail: user.name ? (user.email ?? user.id) : user.id,
  }))
}

export async function searchGroups(api: SkyCrateClient, text: string, signal: AbortSignal): Promise<Choice[]> {
  const query = { limit: MANY, ...(text === '' ? {} : { search: text }) }
  const { groups } = await api.request('listGroups', { query }, { signal })
  return groups.map(({ name, issuer }) => ({
    id: principalId(issuer === null ? { kind: 'group', group: name } : { kind: 'group', group: name, issuer }),
    label: name,
    detail: issuer === null ? undefined : `from ${issuer}`,
  }))
}

export async function searchPrincipals(api: SkyCrateClient, text: string, signal: AbortSignal): Promise<Choice[]> {
  const [users, groups] = await Promise.all([searchUsers(api, text, signal), searchGroups(api, text, signal)])
  return [...groups.map((group) => ({ ...group, detail: group.detail ?? 'Group' })), ...users]
}

export async function searchBuckets(api: SkyCrateClient, text: string, signal: AbortSignal): Promise<Choice[]> {
  const query = { limit: MANY, ...(text === '' ? {} : { search: text }) }
  const { buckets } = await api.request('listBuckets', { query }, { signal })
  return buckets
    .filter(({ state }) => state !== 'deleted')
    .map(({ name, userName }) => ({
      id: name,
      label: name,
      detail: userName === null ? undefined : `Home of ${userName}`,
    }))
}
