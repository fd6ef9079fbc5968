import type { Storage } from '../../usage/storage.ts'
import type { HandlersOf } from '../route.ts'

export function storageHandlers(
  storage: Storage,
): HandlersOf<'storageUsage' | 'storageStats' | 'costAnalysis' | 'takeInventory'> {
  return {
    storageUsage: ({ who, query }) => storage.usage(who, query),
    storageStats: ({ who, query }) => storage.stats(who, query.scope ?? 'mine'),
    costAnalysis: ({ who, query }) => storage.costs(who, query.scope ?? 'mine'),
    takeInventory: ({ who, body, origin }) => storage.takeInventory(who, body, origin),
  }
}
