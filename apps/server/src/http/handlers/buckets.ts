import type { Buckets } from '../../buckets/buckets.ts'
import type { HandlersOf } from '../route.ts'

export function bucketsHandlers(
  buckets: Buckets,
): HandlersOf<
  'listBuckets' | 'addBucket' | 'checkBucket' | 'bucket' | 'changeBucket' | 'countBucket' | 'deleteBucket'
> {
  return {
    listBuckets: ({ query }) => buckets.list({ ...query, limit: query.limit ?? 100 }),
    addBucket: async ({ who, body, origin, wasKnown }) => {
      const { bucket, known } = await buckets.add(body, who.userId, origin)
      if (known) wasKnown()
      return bucket
    },
    checkBucket: ({ body }) => buckets.check(body.store, body.name),
    bucket: ({ params }) => buckets.find(params.store, params.name),
    changeBucket: ({ who, params, body, origin, precondition }) =>
      buckets.change(params.store, params.name, body, { userId: who.userId, origin, precondition }),
    countBucket: ({ who, params }) => buckets.count(params.store, params.name, who),
    deleteBucket: ({ who, params, query, origin }) =>
      buckets.remove(params.store, params.name, query, who.userId, origin),
  }
}
