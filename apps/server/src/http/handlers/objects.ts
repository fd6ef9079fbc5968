import { AppError } from '../../errors/app-error.ts'
import type { Objects } from '../../objects/objects.ts'
import type { PresignedUrls } from '../../vending/presigned-url.ts'
import { rawKeyOf } from '../raw-key.ts'
import type { HandlersOf } from '../route.ts'

export function objectsHandlers(
  objects: Objects,
  presignedUrls: PresignedUrls,
): HandlersOf<'presignedUrl' | 'buckets' | 'listObjects' | 'deleteObject'> {
  return {
    presignedUrl: ({ who, body, origin }) => presignedUrls.vend(who, body, origin),
    buckets: ({ who, query }) => objects.buckets(who, query.limit ?? 100, query.cursor),
    listObjects: ({ who, params, query, origin }) =>
      objects.list(
        who,
        {
          bucket: params.bucket,
          prefix: query.prefix ?? '',
          delimiter: query.delimiter,
          cursor: query.cursor,
          limit: query.limit ?? 1000,
        },
        origin,
      ),
    deleteObject: ({ who, params, origin, request }) => {
      const key = rawKeyOf(request.raw.url ?? '', `/s3/object/`)
      if (key === undefined) throw new AppError('invalid-key', 'The key is not well percent-encoded.')
      return objects.remove(who, params.bucket, key, origin)
    },
  }
}
