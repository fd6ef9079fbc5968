import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { CopyFailure, CopyRequest, CopyResult, CopyStore, ObjectHead } from '../copy-store.ts'
import { copySource, longCall, unquoted } from './copy-call.ts'
import { copyInParts } from './copy-in-parts.ts'
import { isMissingOperation } from './delete-prefix.ts'
import { storeFailure } from './store-failure.ts'

type At = <T>(bucket: string, doing: string, work: (client: S3Client) => Promise<T>) => Promise<T>

export interface CopyLimits {
  /** Bytes above which S3 copies an object in parts only. */
  readonly copyAtOnce: number
  /** Bytes of each part but the last, as long as 10,000 of them are enough. */
  readonly partSize: number
}

/** S3's limit of one copy; parts that a store copies within a minute or so. */
export const S3_COPY_LIMITS: CopyLimits = { copyAtOnce: 5 * 1024 ** 3, partSize: 1024 ** 3 }

const FAILURES: Readonly<Record<string, CopyFailure>> = {
  NoSuchBucket: 'no-such-bucket',
  NoSuchKey: 'no-such-key',
  NoSuchVersion: 'no-such-key',
  NotFound: 'no-such-key',
  PreconditionFailed: 'exists',
  ConditionalRequestConflict: 'exists',
  InvalidObjectState: 'archived',
}

/** @throws what `FAILURES` does not name */
function copyFailure(error: unknown): CopyFailure {
  const reason = FAILURES[storeFailure(error).code]
  if (reason === undefined) throw error
  return reason
}

const isMd5 = (etag: string): boolean => /^[0-9a-f]{32}$/.test(etag)

export function copyStore(
  at: At,
  deadline: () => { readonly abortSignal: AbortSignal },
  limits: CopyLimits = S3_COPY_LIMITS,
): CopyStore {
  async function head(client: S3Client, bucket: string, key: string): Promise<ObjectHead | undefined> {
    try {
      const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), deadline())
      return {
        size: found.ContentLength ?? 0,
        etag: unquoted(found.ETag),
        lastModified: found.LastModified ?? new Date(0),
        contentType: found.ContentType,
        storageClass: found.StorageClass ?? 'STANDARD',
        etagIsSum:
          isMd5(unquoted(found.ETag)) &&
          (found.ServerSideEncryption === undefined || found.ServerSideEncryption === 'AES256') &&
          found.SSECustomerAlgorithm === undefined,
      }
    } catch (error) {
      if (storeFailure(error).status === 404) return undefined
      throw error
    }
  }

  async function copyAtOnce(client: S3Client, { from, to }: CopyRequest, ifAbsent: boolean): Promise<CopyResult> {
    // A store refuses a copy in its own place that changes nothing it is told of.
    const inPlace = from.bucket === to.bucket && from.key === to.key
    const { CopyObjectResult, VersionId } = await client.send(
      new CopyObjectCommand({
        Bucket: to.bucket,
        Key: to.key,
        CopySource: copySource(from),
        CopySourceIfMatch: `"${from.etag}"`,
        ...(from.storageClass === 'STANDARD' && !inPlace ? {} : { StorageClass: from.storageClass as never }),
        ...(ifAbsent ? { IfNoneMatch: '*' } : {}),
      }),
      longCall(),
    )
    return { ok: true, value: { etag: unquoted(CopyObjectResult?.ETag), versionId: VersionId } }
  }

  return {
    headObject: (bucket, key) =>
      at(bucket, `look up an object of the bucket ${bucket}`, (client) => head(client, bucket, key)),

    readStart: (bucket, key, bytes) =>
      at(bucket, `read an object of the bucket ${bucket}`, async (client) => {
        try {
          const range = { Range: `bytes=0-${bytes - 1}` }
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...range }), deadline())
          return Buffer.from((await Body?.transformToByteArray()) ?? [])
        } catch (error) {
          const { status } = storeFailure(error)
          // 416: it is empty.
          if (status === 404 || status === 416) return Buffer.alloc(0)
          throw error
        }
      }),

    copyObject: (request) =>
      at(request.to.bucket, `copy to the bucket ${request.to.bucket}`, async (client) => {
        const { from, to, ifAbsent } = request
        // Some stores pass over the condition, so the target is looked at, too.
        if (ifAbsent && (await head(client, to.bucket, to.key)) !== undefined) return { ok: false, reason: 'exists' }
        const work = (conditional: boolean): Promise<CopyResult> =>
          from.size > limits.copyAtOnce
            ? copyInParts(client, request, { conditional, partSize: limits.partSize, deadline })
            : copyAtOnce(client, request, conditional)
        try {
          try {
            return await work(ifAbsent)
          } catch (error) {
            if (!ifAbsent || storeFailure(error).status !== 501) throw error
            return await work(false)
          }
        } catch (error) {
          const reason = copyFailure(error)
          if (reason !== 'exists') return { ok: false, reason }
          // Two conditions have one answer.
          const taken = ifAbsent && (await head(client, to.bucket, to.key)) !== undefined
          return { ok: false, reason: taken ? 'exists' : 'source-changed' }
        }
      }),

    restoreArchived: (bucket, key, days) =>
      at(bucket, `restore an archived object of the bucket ${bucket}`, async (client) => {
        try {
          const RestoreRequest = { Days: days, GlacierJobParameters: { Tier: 'Standard' } } as const
          await client.send(new RestoreObjectCommand({ Bucket: bucket, Key: key, RestoreRequest }), deadline())
        } catch (error) {
          const { code, status } = storeFailure(error)
          if (status === 404) return 'missing'
          if (code !== 'RestoreAlreadyInProgress') {
            // It is in a class that this store restores nothing from, or the store knows no such request.
            if (code === 'InvalidObjectState' || isMissingOperation(error)) return 'unsupported'
            throw error
          }
        }
        const { Restore } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), deadline())
        return Restore?.includes('ongoing-request="false"') === true ? 'ready' : 'under-way'
      }),

    putObject: (bucket, key, body, contentType) =>
      at(bucket, `write to the bucket ${bucket}`, async (client) => {
        try {
          const { ETag, VersionId } = await client.send(
            new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }),
            deadline(),
          )
          return { ok: true, value: { etag: unquoted(ETag), versionId: VersionId } }
        } catch (error) {
          return { ok: false, reason: copyFailure(error) }
        }
      }),

    putEmptyObject: (bucket, key) =>
      at(bucket, `create a folder in the bucket ${bucket}`, async (client) => {
        if ((await head(client, bucket, key)) !== undefined) return { ok: false, reason: 'exists' }
        try {
          const { ETag, VersionId } = await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: key,
              Body: '',
              ContentLength: 0,
              ContentType: 'application/x-directory',
              IfNoneMatch: '*',
            }),
            deadline(),
          )
          return { ok: true, value: { etag: unquoted(ETag), versionId: VersionId } }
        } catch (error) {
          return { ok: false, reason: copyFailure(error) }
        }
      }),
  }
}
