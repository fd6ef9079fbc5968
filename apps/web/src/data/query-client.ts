import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { QueryClient } from '@tanstack/react-query'

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The client itself waits where the server says when to ask again; only a lost connection is left to retry.
        retry: (failures, error) => failures < 2 && error instanceof SkyCrateError && error.code === 'unreachable',
      },
    },
  })
}
