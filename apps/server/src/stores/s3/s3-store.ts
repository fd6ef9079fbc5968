import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { StoreId } from '@skycrate/core/naming/store'
import { AppError } from '../../errors/app-error.ts'
import type { FoundBucket } from '../bucket-admin.ts'
import type { Store } from '../store.ts'
import { accessBlockForUnknownStore } from './access-block.ts'
import { applySetting, inspectSetting, readSetting } from './apply-setting.ts'
import { countContents } from './count-contents.ts'
import { type CopyLimits, copyStore } from './copy-store.ts'
import { deleteAll, deletePrefix } from './delete-prefix.ts'
import { listObjects } from './list-objects.ts'
import { inventoryStore } from './inventory-store.ts'
import { multipartStore } from './multipart-store.ts'
import { type ClientOptions, createRegionalClients } from './regional-clients.ts'
import { readStore } from './read-store.ts'
import { storeError, storeFailure } from './store-failure.ts'
import { tagStore } from './tag-store.ts'
import { tieringStore } from './tiering-store.ts'
import { versionStore } from './version-store.ts'

export interface StoreOptions extends ClientOptions {
  readonly id: StoreId
  /** Milliseconds that a call may take, its retries included. A full Ceph lets writes hang for ever. Default 15,000. */
  readonly requestTimeoutMs?: number
  /** S3's own when absent. */
  readonly copyLimits?: CopyLimits
}

export function createS3Store(options: StoreOptions): Store {
  const { id, region, requestTimeoutMs = 15_000 } = options
  const aws = options.kind === 'aws'
  const clients = createRegionalClients({ ...options, requestTimeoutMs })

  const deadline = () => ({ abortSignal: AbortSignal.timeout(requestTimeoutMs) })
  const settingCall = (bucket: string, client: S3Client, at: string) => ({
    aws,
    call: () => ({ client, bucket, region: at, aws, options: deadline() }),
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
  /** Runs `work` with a client of the bucket's region. */
  const at = <T>(bucket: string, doing: string, work: (client: S3Client, region: string) => Promise<T>): Promise<T> =>
    guarded(doing, () => clients.at(bucket, work))

  const deleteBucket = async (client: S3Client, bucket: string): Promise<boolean> => {
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
    id,
    region,

    findBucket: (bucket) =>
      at(bucket, `look for the bucket ${bucket}`, async (client): Promise<FoundBucket> => {
        try {
          const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: bucket }), deadline())
          return { presence: 'owned', region: BucketRegion }
        } catch (error) {
          // A HEAD has no body, so there is no code to go by.
          const { status } = storeFailure(error)
          if (status === 404) return { presence: 'absent', region: undefined }
          if (status === 403) return { presence: 'forbidden', region: undefined }
          throw error
        }
      }).catch((error: unknown) => {
        // It is there, in a region that the store does not name.
        if (storeFailure((error as Error).cause).status === 301) return { presence: 'forbidden', region: undefined }
        throw error
      }),

    createBucket: (bucket, wanted = region) =>
      guarded(`create the bucket ${bucket}`, async () => {
        try {
          // The SDK adds the location constraint where the region needs one.
          await clients.in(wanted).send(new CreateBucketCommand({ Bucket: bucket }), deadline())
        } catch (error) {
          const { code } = storeFailure(error)
          if (code === 'BucketAlreadyOwnedByYou') return 'already-owned'
          if (code === 'BucketAlreadyExists') return 'taken'
          throw error
        }
        if (wanted !== region) options.regions.learn(bucket, wanted)
        return 'created'
      }),

    deleteEmptyBucket: (bucket) => at(bucket, `delete the bucket ${bucket}`, (client) => deleteBucket(client, bucket)),

    deleteBucketCompletely: (bucket, run) =>
      at(bucket, `empty and delete the bucket ${bucket}`, async (client) => {
        // Somebody with a URL that still holds may write between the last page and the deletion.
        for (let attempt = 0; attempt < 5; attempt++) {
          try {
            await deletePrefix(client, bucket, '', deadline, run)
          } catch (error) {
            if (storeFailure(error).code === 'NoSuchBucket') return
            throw error
          }
          if (await deleteBucket(client, bucket)) return
        }
        throw new AppError('store-unavailable', undefined, { cause: new Error(`${bucket} keeps filling`) })
      }),

    deletePrefixCompletely: (bucket, prefix, run) =>
      at(bucket, `empty ${prefix} of the bucket ${bucket}`, async (client) => {
        try {
          await deletePrefix(client, bucket, prefix, deadline, run)
        } catch (error) {
          if (storeFailure(error).code !== 'NoSuchBucket') throw error
        }
      }),

    countContents: (bucket, prefix, cursor) =>
      at(bucket, `count the bucket ${bucket}`, async (client) => {
        try {
          return { ok: true, value: await countContents(client, bucket, prefix, cursor, deadline) }
        } catch (error) {
          if (storeFailure(error).code === 'NoSuchBucket') return { ok: false, reason: 'no-such-bucket' }
          throw error
        }
      }),

    isEmpty: (bucket) =>
      at(bucket, `look into the bucket ${bucket}`, async (client) => {
        const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), deadline())
        return (page.Contents ?? []).length === 0
      }),

    readTags: (bucket) =>
      at(bucket, `read the tags of the bucket ${bucket}`, async (client) => {
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
      at(bucket, `set ${setting.kind} on the bucket ${bucket}`, (client, used) =>
        setting.kind === 'public-access-block' && options.kind === 's3'
          ? applyAccessBlock(settingCall(bucket, client, used))
          : applySetting(setting, settingCall(bucket, client, used)),
      ),

    readSetting: (bucket, setting) =>
      at(bucket, `read ${setting.kind} of the bucket ${bucket}`, (client, used) =>
        readSetting(setting, settingCall(bucket, client, used)).then(({ state }) => state),
      ),

    inspectSetting: (bucket, setting) =>
      at(bucket, `read ${setting.kind} of the bucket ${bucket}`, (client, used) =>
        inspectSetting(setting, settingCall(bucket, client, used)),
      ),

    listObjects: (request) =>
      at(request.bucket, `list the bucket ${request.bucket}`, (client) => listObjects(client, request, deadline())),

    deleteObject: (bucket, key) =>
      at(bucket, `delete an object of the bucket ${bucket}`, async (client) => {
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

    deleteObjects: (bucket, keys) =>
      at(bucket, `delete objects of the bucket ${bucket}`, async (client) => {
        try {
          await deleteAll(
            client,
            bucket,
            keys.map((Key) => ({ Key })),
            deadline,
          )
        } catch (error) {
          if (storeFailure(error).code === 'NoSuchBucket') return { ok: false, reason: 'no-such-bucket' }
          throw error
        }
        return { ok: true, value: undefined }
      }),

    ...multipartStore(at, deadline),

    ...versionStore(at, deadline),

    ...inventoryStore(at, deadline),

    ...readStore(at),

    ...tieringStore(at, deadline),

    ...tagStore(at, deadline),

    ...copyStore(at, deadline, options.copyLimits),

    ping: () =>
      guarded('reach the store', async () => {
        try {
          await clients.in(region).send(new ListBucketsCommand({ MaxBuckets: 1 }), deadline())
        } catch (error) {
          // A role that may not list all buckets is as it should be; the store has answered.
          if (storeFailure(error).code !== 'AccessDenied') throw error
        }
      }),

    close: () => clients.close(),
  }
}
