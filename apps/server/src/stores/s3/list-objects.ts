import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { AppError } from '../../errors/app-error.ts'
import { decodeListedKey } from './decode-listed-key.ts'
import type { ListRequest, ObjectPage, StoreResult } from '../object-store.ts'
import { storeFailure } from './store-failure.ts'

/** One page. The cursor is S3's continuation token, and opaque. */
export async function listObjects(
  client: S3Client,
  request: ListRequest,
  options: { readonly abortSignal: AbortSignal },
): Promise<StoreResult<ObjectPage>> {
  const { bucket, prefix, delimiter, cursor, startAfter, limit } = request
  try {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        // Control characters in keys have no form in XML 1.0; encoded they come through.
        EncodingType: 'url',
        MaxKeys: limit,
        ...(delimiter === undefined || delimiter === '' ? {} : { Delimiter: delimiter }),
        ...(cursor === undefined ? {} : { ContinuationToken: cursor }),
        ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
      }),
      options,
    )
    const decode = (text: string | undefined) => decodeListedKey(text ?? '', page.EncodingType)
    return {
      ok: true,
      value: {
        objects: (page.Contents ?? []).map((object) => ({
          key: decode(object.Key),
          size: object.Size ?? 0,
          etag: (object.ETag ?? '').replace(/^"(.*)"$/, '$1'),
          lastModified: (object.LastModified ?? new Date(0)).toISOString(),
          storageClass: object.StorageClass ?? 'STANDARD',
        })),
        prefixes: (page.CommonPrefixes ?? []).map((common) => decode(common.Prefix)),
        nextCursor: page.IsTruncated === true ? (page.NextContinuationToken ?? null) : null,
      },
    }
  } catch (error) {
    const { code, status } = storeFailure(error)
    if (code === 'NoSuchBucket' || status === 404) return { ok: false, reason: 'no-such-bucket' }
    if (cursor !== undefined && code === 'InvalidArgument') throw new AppError('invalid-cursor')
    throw error
  }
}
