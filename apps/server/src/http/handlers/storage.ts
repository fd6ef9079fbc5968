import type { Storage } from '../../usage/storage.ts'
import type { Operations } from '../../objects/operations.ts'
import type { HandlersOf } from '../route.ts'

export function storageHandlers(
  storage: Storage,
  operations: Operations,
): HandlersOf<
  | 'storageUsage'
  | 'storageStats'
  | 'costAnalysis'
  | 'takeInventory'
  | 'countOwnPlaces'
  | 'inventoryFiles'
  | 'setInventoryFiles'
  | 'storageClasses'
  | 'changeClass'
  | 'bucketRules'
  | 'changeBucketRules'
> {
  return {
    storageUsage: ({ who, query }) => storage.usage(who, query),
    storageStats: ({ who, query }) => storage.stats(who, query.scope ?? 'mine'),
    costAnalysis: ({ who, query }) => storage.costs(who, query.scope ?? 'mine'),
    takeInventory: ({ who, body, origin }) => storage.takeInventory(who, body, origin),
    countOwnPlaces: ({ who, origin }) => storage.countOwnPlaces(who, origin),
    inventoryFiles: ({ params }) => storage.inventoryFiles(params.store, params.name),
    setInventoryFiles: ({ who, params, body, origin }) =>
      storage.setInventoryFiles(params.store, params.name, body, { userId: who.userId, origin }),
    storageClasses: async () => storage.classes(),
    changeClass: ({ who, body, origin }) => operations.changeClass(who, body, origin),
    bucketRules: async ({ params, reply }) => {
      const rules = await storage.rules(params.store, params.name)
      reply.header('etag', `"${rules.version}"`)
      return rules
    },
    changeBucketRules: async ({ who, params, body, origin, request, reply }) => {
      const by = { userId: who.userId, origin, ifMatch: request.headers['if-match'] }
      const rules = await storage.changeRules(params.store, params.name, body, by)
      reply.header('etag', `"${rules.version}"`)
      return rules
    },
  }
}
