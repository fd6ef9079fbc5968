import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { MultipartStore, StoredPart, UploadFailure } from '../multipart-store.ts'
import { unquoted } from './copy-call.ts'
import { storeFailure } from './store-failure.ts'

type At = <T>(bucket: string, doing: string, work: (client: S3Client) => Promise<T>) => Promise<T>

const FAILURES: Readonly<Record<string, UploadFailure>> = {
  NoSuchBucket: 'no-such-bucket',
  NoSuchUpload: 'no-such-upload',
  PreconditionFailed: 'exists',
  InvalidPart: 'invalid-parts',
  InvalidPartOrder: 'invalid-parts',
  EntityTooSmall: 'invalid-parts',
}

/** @throws what `FAILURES` does not name */
function refused(error: unknown): { readonly ok: false; readonly reason: UploadFailure } {
  const reason = FAILURES[storeFailure(error).code]
  if (reason === undefined) throw error
  return { ok: false, reason }
}

export function multipartStore(at: At, deadline: () => { readonly abortSignal: AbortSignal }): MultipartStore {
  return {
    createUpload: (bucket, key, contentType, storageClass) =>
      at(bucket, `start an upload to the bucket ${bucket}`, async (client) => {
        try {
          const { UploadId } = await client.send(
            new CreateMultipartUploadCommand({
              Bucket: bucket,
              Key: key,
              ContentType: contentType,
              ...(storageClass !== undefined && { StorageClass: storageClass as never }),
            }),
            deadline(),
          )
          return { ok: true, value: UploadId ?? '' }
        } catch (error) {
          if (storeFailure(error).code === 'NoSuchBucket') return { ok: false, reason: 'no-such-bucket' }
          throw error
        }
      }),

    listParts: (bucket, key, uploadId) =>
      at(bucket, `list the parts of an upload to the bucket ${bucket}`, async (client) => {
        const parts: StoredPart[] = []
        try {
          let marker: string | undefined
          do {
            const page = await client.send(
              new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }),
              deadline(),
            )
            for (const { PartNumber, ETag, Size } of page.Parts ?? []) {
              parts.push({ partNumber: PartNumber ?? 0, etag: ETag ?? '', size: Size ?? 0 })
            }
            marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
          } while (marker !== undefined)
        } catch (error) {
          return refused(error)
        }
        return { ok: true, value: parts }
      }),

    completeUpload: ({ bucket, key, uploadId, parts, ifAbsent }) =>
      at(bucket, `complete an upload to the bucket ${bucket}`, async (client) => {
        try {
          const done = await client.send(
            new CompleteMultipartUploadCommand({
              Bucket: bucket,
              Key: key,
              UploadId: uploadId,
              MultipartUpload: { Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })) },
              ...(ifAbsent ? { IfNoneMatch: '*' } : {}),
            }),
            deadline(),
          )
          // Some stores answer without an ETag.
          const etag =
            done.ETag || (await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), deadline())).ETag
          return { ok: true, value: { etag: etag ?? '', versionId: done.VersionId } }
        } catch (error) {
          return refused(error)
        }
      }),

    uploadedObject: (bucket, key) =>
      at(bucket, `look up an object of the bucket ${bucket}`, async (client) => {
        try {
          const wish = { Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' } as const
          const found = await client.send(new HeadObjectCommand(wish), deadline())
          return {
            size: found.ContentLength ?? 0,
            etag: unquoted(found.ETag),
            checksumSha256: found.ChecksumSHA256,
            versionId: found.VersionId,
            lastModified: found.LastModified ?? new Date(0),
          }
        } catch (error) {
          if (storeFailure(error).status === 404) return undefined
          throw error
        }
      }),

    abortUpload: (bucket, key, uploadId) =>
      at(bucket, `abort an upload to the bucket ${bucket}`, async (client) => {
        try {
          await client.send(
            new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }),
            deadline(),
          )
        } catch (error) {
          const failure = refused(error)
          if (failure.reason !== 'no-such-upload') return failure
        }
        return { ok: true, value: undefined }
      }),
  }
}
