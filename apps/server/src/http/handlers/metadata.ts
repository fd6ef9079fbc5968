import { AppError } from '../../errors/app-error.ts'
import type { Metadata } from '../../objects/metadata.ts'
import { rawKeyOf } from '../raw-key.ts'
import type { HandlersOf } from '../route.ts'

export function metadataHandlers(metadata: Metadata): HandlersOf<'objectMetadata' | 'setTags'> {
  const keyIn = (url: string | undefined, marker: string): string => {
    const key = rawKeyOf(url ?? '', marker)
    if (key === undefined) throw new AppError('invalid-key', 'The key is not well percent-encoded.')
    return key
  }
  return {
    objectMetadata: async ({ who, params: { bucket }, origin, request }) =>
      metadata.describe(who, { bucket, key: keyIn(request.raw.url, '/s3/metadata/') }, origin),
    setTags: async ({ who, params: { bucket }, body, origin, request }) =>
      metadata.setTags(who, { bucket, key: keyIn(request.raw.url, '/s3/tags/') }, body, origin),
  }
}
