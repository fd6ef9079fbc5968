import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import type { FastifyBaseLogger } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { accessBlockForUnknownStore } from './access-block.ts'
import { applySetting, readSetting } from './apply-setting.ts'
import { deletePrefix } from './delete-prefix.ts'
import { listObjects } from './list-objects.ts'
import type { Store } from './store.ts'
import { storeError, storeFailure } from './store-failure.ts'

export interface StoreOptions {
  /** Absent: AWS's own of the region. */
  readonly endpoint?: string | undefined
  readonly region: string
  /** Absent: the SDK's default chain (role of the machine, task or function). */
  readonly credentials?: S3ClientConfig['credentials']
  readonly pathStyle: boolean
  /** `aws` is held to AWS's error codes; of the others many do not know a part of the API. */
  readonly kind: 'aws' | 's3' | 'embedded'
  /** Milliseconds that a call may take, its retries included. A full Ceph lets writes hang for ever. Default 15,000. */
  readonly requestTimeoutMs?: number
  readonly logger: FastifyBaseLogger
}

const MAX_ATTEMPTS = 3
const MAX_CONNECT_MS = 5000
const MAX_SOCKETS = 64

export function createStore(options: StoreOptions): Store {
  const { region, logger, requestTimeoutMs = 15_000 } = options
  const aws = options.kind === 'aws'
  const client = new S3Client({
    region,
    forcePathStyle: options.pathStyle,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: Math.min(MAX_CONNECT_MS, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      logger: sdkLogger(logger),
    },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    // Other stores refuse or ignore the checksums that the SDK adds by default.
    ...(aws ? {} : { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }),
  })

  const deadline = () => ({ abortSignal: AbortSignal.timeout(requestTimeoutMs) })
  const settingCall = (bucket: string) => ({
    aws,
    call: () => ({ client, bucket, region, options: deadline() }),
    wait: (milliseconds: number) => sleep(milliseconds),
  })
  const applyAccessBlock = accessBlockForUnknownStore()
  const guarded = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw storeError(error, doing)
    }
  }

  const deleteBucket = async (bucket: string): Promise<boolean> => {
    try {
      await client.send(new DeleteBucketCommand({ Bucket: bucket }), deadline())
      return true
    } catch (error) {
      const { code, status } = storeFailure(error)
      if (code === 'BucketNotEmpty') return false
      if (status === 404) return true
      throw error
    }
  }

  return {
    region,

    headBucket: (bucket) =>
      guarded(`look for the bucket ${bucket}`, async () => {
        try {
          await client.send(new HeadBucketCommand({ Bucket: bucket }), deadline())
          return 'owned'
        } catch (error) {
          // A HEAD has no body, so there is no code to go by. 301: it is there, in another region.
          const { status } = storeFailure(error)
          if (status === 404) return 'absent'
          if (status === 403 || status === 301) return 'forbidden'
          throw error
        }
      }),

    createBucket: (bucket) =>
      guarded(`create the bucket ${bucket}`, async () => {
        try {
          // The SDK adds the location constraint where the region needs one.
          await client.send(new CreateBucketCommand({ Bucket: bucket }), deadline())
          return 'created'
        } catch (error) {
          const { code } = storeFailure(error)
          if (code === 'BucketAlreadyOwnedByYou') return 'already-owned'
          if (code === 'BucketAlreadyExists') return 'taken'
          throw error
        }
      }),

    deleteEmptyBucket: (bucket) => guarded(`delete the bucket ${bucket}`, () => deleteBucket(bucket)),

    deleteBucketCompletely: (bucket) =>
      guarded(`empty and delete the bucket ${bucket}`, async () => {
        // Somebody with a URL that still holds may write between the last page and the deletion.
        for (let attempt = 0; attempt < 5; attempt++) {
          try {
            await deletePrefix(client, bucket, '', deadline)
          } catch (error) {
            if (storeFailure(error).code === 'NoSuchBucket') return
            throw error
          }
          if (await deleteBucket(bucket)) return
        }
        throw new AppError('store-unavailable', undefined, { cause: new Error(`${bucket} keeps filling`) })
      }),

    deletePrefixCompletely: (bucket, prefix) =>
      guarded(`empty ${prefix} of the bucket ${bucket}`, async () => {
        try {
          await deletePrefix(client, bucket, prefix, deadline)
        } catch (error) {
          if (storeFailure(error).code !== 'NoSuchBucket') throw error
        }
      }),

    isEmpty: (bucket) =>
      guarded(`look into the bucket ${bucket}`, async () => {
        const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), deadline())
        return (page.Contents ?? []).length === 0
      }),

    readTags: (bucket) =>
      guarded(`read the tags of the bucket ${bucket}`, async () => {
        try {
          const { TagSet = [] } = await client.send(new GetBucketTaggingCommand({ Bucket: bucket }), deadline())
          return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key ?? '', Value ?? '']))
        } catch (error) {
          const { code, status } = storeFailure(error)
          if (code === 'NoSuchBucket') return undefined
          if (status === 404 || status === 501 || status === 405) return {}
          throw error
        }
      }),

    applySetting: (bucket, setting) =>
      guarded(`set ${setting.kind} on the bucket ${bucket}`, () =>
        setting.kind === 'public-access-block' && options.kind === 's3'
          ? applyAccessBlock(settingCall(bucket))
          : applySetting(setting, settingCall(bucket)),
      ),

    readSetting: (bucket, setting) =>
      guarded(`read ${setting.kind} of the bucket ${bucket}`, () => readSetting(setting, settingCall(bucket))),

    listObjects: (request) =>
      guarded(`list the bucket ${request.bucket}`, () => listObjects(client, request, deadline())),

    deleteObject: (bucket, key) =>
      guarded(`delete an object of the bucket ${bucket}`, async () => {
        try {
          await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), deadline())
        } catch (error) {
          const { code } = storeFailure(error)
          if (code === 'NoSuchBucket') return { ok: false, reason: 'no-such-bucket' }
          // AWS never answers so; some stores do.
          if (code !== 'NoSuchKey') throw error
        }
        return { ok: true, value: undefined }
      }),

    ping: () =>
      guarded('reach the store', async () => {
        try {
          await client.send(new ListBucketsCommand({ MaxBuckets: 1 }), deadline())
        } catch (error) {
          // A role that may not list all buckets is as it should be; the store has answered.
          if (storeFailure(error).code !== 'AccessDenied') throw error
        }
      }),

    close: () => client.destroy(),
  }
}

type SdkLogger = NonNullable<S3ClientConfig['logger']>

/** The SDK's own warnings (sockets used up); it is never given what a request holds. */
function sdkLogger(logger: FastifyBaseLogger): SdkLogger {
  const text = (content: unknown[]) => content.map(String).join(' ')
  return {
    trace: () => {},
    debug: () => {},
    info: () => {},
    warn: (...content: unknown[]) => logger.warn(text(content)),
    error: (...content: unknown[]) => logger.error(text(content)),
  }
}
