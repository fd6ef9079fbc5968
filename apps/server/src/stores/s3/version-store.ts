import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { StoredVersion, VersionStore } from '../version-store.ts'
import { unquoted } from './copy-call.ts'
import { decodeListedKey } from './decode-listed-key.ts'
import { isMissingOperation } from './delete-prefix.ts'
import { storeFailure } from './store-failure.ts'

type At = <T>(bucket: string, doing: string, work: (client: S3Client) => Promise<T>) => Promise<T>

const NO_BUCKET = { ok: false, reason: 'no-such-bucket' } as const

/** The answer for a missing bucket. @throws any other error */
function missing(error: unknown): typeof NO_BUCKET {
  if (storeFailure(error).code === 'NoSuchBucket') return NO_BUCKET
  throw error
}

/** The SDK tells versions and deletions apart, which loses how they follow each other. */
function newestFirst(versions: StoredVersion[]): StoredVersion[] {
  return versions.sort(
    (a, b) => Number(b.isLatest) - Number(a.isLatest) || b.lastModified.getTime() - a.lastModified.getTime(),
  )
}

export function versionStore(at: At, deadline: () => { readonly abortSignal: AbortSignal }): VersionStore {
  return {
    listVersions: (bucket, key, after, limit) =>
      at(bucket, `list the versions of an object of the bucket ${bucket}`, async (client) => {
        try {
          const page = await client.send(
            new ListObjectVersionsCommand({
              Bucket: bucket,
              Prefix: key,
              MaxKeys: limit,
              EncodingType: 'url',
              ...(after === undefined ? {} : { KeyMarker: key, VersionIdMarker: after }),
            }),
            deadline(),
          )
          const isOurs = (listed: { readonly Key?: string | undefined }): boolean =>
            decodeListedKey(listed.Key ?? '', page.EncodingType) === key
          const versions = (page.Versions ?? []).filter(isOurs).map((each): StoredVersion => ({
            versionId: each.VersionId ?? 'null',
            size: each.Size ?? 0,
            etag: unquoted(each.ETag),
            lastModified: each.LastModified ?? new Date(0),
            storageClass: each.StorageClass ?? 'STANDARD',
            isLatest: each.IsLatest ?? false,
            isDeleteMarker: false,
          }))
          const markers = (page.DeleteMarkers ?? []).filter(isOurs).map((each): StoredVersion => ({
            versionId: each.VersionId ?? 'null',
            size: 0,
            etag: '',
            lastModified: each.LastModified ?? new Date(0),
            storageClass: 'STANDARD',
            isLatest: each.IsLatest ?? false,
            isDeleteMarker: true,
          }))
          const more = page.IsTruncated === true && decodeListedKey(page.NextKeyMarker ?? '', page.EncodingType) === key
          return {
            ok: true,
            value: {
              versions: newestFirst([...versions, ...markers]),
              next: more ? page.NextVersionIdMarker : undefined,
            },
          }
        } catch (error) {
          if (!isMissingOperation(error)) return missing(error)
          return { ok: true, value: { versions: await onlyVersion(client, bucket, key, deadline()), next: undefined } }
        }
      }),

    listDeletions: (bucket, prefix, after) =>
      at(bucket, `list the deletions of the bucket ${bucket}`, async (client) => {
        try {
          const page = await client.send(
            new ListObjectVersionsCommand({
              Bucket: bucket,
              Prefix: prefix,
              EncodingType: 'url',
              ...(after === undefined ? {} : { KeyMarker: after.key }),
              ...(after?.versionId === undefined ? {} : { VersionIdMarker: after.versionId }),
            }),
            deadline(),
          )
          const decode = (text: string | undefined): string => decodeListedKey(text ?? '', page.EncodingType)
          const key = decode(page.NextKeyMarker)
          // Of several versions of a key the newest comes first.
          const sizes = new Map((page.Versions ?? []).toReversed().map((each) => [decode(each.Key), each.Size ?? 0]))
          return {
            ok: true,
            value: {
              deletions: (page.DeleteMarkers ?? [])
                .filter((each) => each.IsLatest === true)
                .map((each) => ({
                  key: decode(each.Key),
                  versionId: each.VersionId ?? 'null',
                  deletedAt: each.LastModified ?? new Date(0),
                  size: sizes.get(decode(each.Key)),
                })),
              next: page.IsTruncated === true && key !== '' ? { key, versionId: page.NextVersionIdMarker } : undefined,
            },
          }
        } catch (error) {
          if (isMissingOperation(error)) return { ok: true, value: { deletions: [], next: undefined } }
          return missing(error)
        }
      }),

    deleteVersion: (bucket, key, versionId) =>
      at(bucket, `delete a version of an object of the bucket ${bucket}`, async (client) => {
        try {
          await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }), deadline())
        } catch (error) {
          const { code } = storeFailure(error)
          if (code !== 'NoSuchVersion' && code !== 'NoSuchKey') return missing(error)
        }
        return { ok: true, value: undefined }
      }),

    keepsVersions: (bucket) =>
      at(bucket, `read versioning of the bucket ${bucket}`, async (client) => {
        try {
          const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }), deadline())
          return Status === 'Enabled'
        } catch (error) {
          const { code } = storeFailure(error)
          if (isMissingOperation(error) || code === 'NoSuchBucket' || code === 'AccessDenied') return false
          throw error
        }
      }),
  }
}

/** Of a store that keeps no versions. */
async function onlyVersion(
  client: S3Client,
  bucket: string,
  key: string,
  options: { readonly abortSignal: AbortSignal },
): Promise<StoredVersion[]> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), options)
    return [
      {
        versionId: head.VersionId ?? 'null',
        size: head.ContentLength ?? 0,
        etag: unquoted(head.ETag),
        lastModified: head.LastModified ?? new Date(0),
        storageClass: head.StorageClass ?? 'STANDARD',
        isLatest: true,
        isDeleteMarker: false,
      },
    ]
  } catch (error) {
    if (storeFailure(error).status === 404) return []
    throw error
  }
}
