import { useQuery } from '@tanstack/react-query'
import { useApp } from '../../app/app-context.ts'
import { nameOf } from '../../ui/name-of.ts'
import { userQuery } from './user-queries.ts'

/**
 * What a user is called of whom only the id is known, such as from the address.
 * @param otherwise a name from elsewhere, where the user is not there
 */
export function usePersonName(
  id: string | undefined,
  otherwise: () => string | null | undefined = () => undefined,
): string {
  const { api } = useApp()
  const { data } = useQuery({ ...userQuery(api, id ?? ''), enabled: id !== undefined, retry: false })
  return data ? nameOf(data) : (otherwise() ?? id ?? '')
}
