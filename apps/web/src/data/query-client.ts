import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { KEYS } from './query-keys.ts'

export function createQueryClient(): QueryClient {
  /** A group may begin to require a second factor while its members work. */
  const onError = (error: Error): void => {
    if (error instanceof SkyCrateError && error.code === 'second-factor-required') {
      void queries.invalidateQueries({ queryKey: [KEYS.me] })
    }
  }
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // The client itself waits where the server says when to ask again; only a lost connection is left to retry.
        retry: (failures, error) => failures < 2 && error instanceof SkyCrateError && error.code === 'unreachable',
      },
    },
  })
  return queries
}
