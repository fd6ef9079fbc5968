import { AppError } from '../../errors/app-error.ts'
import type { Deletions } from '../../objects/deletions.ts'
import type { Versions } from '../../objects/versions.ts'
import { rawKeyOf } from '../raw-key.ts'
import type { HandlersOf } from '../route.ts'

export function versionsHandlers(
  versions: Versions,
  deletions: Deletions,
): HandlersOf<'listVersions' | 'listDeletions' | 'restoreObject'> {
  return {
    listVersions: async ({ who, params, query, origin, request }) => {
      const key = rawKeyOf(request.raw.url ?? '', '/s3/versions/')
      if (key === undefined) throw new AppError('invalid-key', 'The key is not well percent-encoded.')
      const { cursor, limit = 100 } = query
      return versions.list(who, { bucket: params.bucket, key, cursor, limit }, origin)
    },
    listDeletions: ({ who, params, query, origin }) => {
      const { prefix = '', cursor, limit = 1000 } = query
      return deletions.list(who, { bucket: params.bucket, prefix, cursor, limit }, origin)
    },
    restoreObject: ({ who, body, origin }) => versions.restore(who, body, origin),
  }
}
