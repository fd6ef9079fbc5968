import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { AppError } from '../../errors/app-error.ts'
import type { LongRun } from '../object-store.ts'
import { decodeListedKey } from './decode-listed-key.ts'
import { isUnavailable, storeFailure } from './store-failure.ts'

interface Item {
  readonly Key: string
  readonly VersionId?: string
}

type UploadsPage = Pick<ListMultipartUploadsCommandOutput, 'Uploads' | 'EncodingType'>

type Options = () => { readonly abortSignal: AbortSignal }

/** A store's answer that it does not have an operation. */
export function isMissingOperation(error: unknown): boolean {
  const { status } = storeFailure(error)
  return status === 501 || status === 405
}

const itemOf = (key: string | undefined, encoding: string | undefined, version?: string): Item => ({
  Key: decodeListedKey(key ?? '', encoding),
  ...(version === undefined ? {} : { VersionId: version }),
})

/**
 * Deletes everything under a prefix for good: unfinished uploads first, since each could still become an object, then
 * versions and delete markers. Always lists from the beginning again, so that nothing is skipped that came meanwhile.
 *
 * @param options made anew for each call to the store
 * @param run where it takes longer than a request
 * @throws AppError `store-refused` where something cannot be deleted (under a legal hold, say); the SDK's errors
 */
export async function deletePrefix(
  client: S3Client,
  bucket: string,
  prefix: string,
  options: Options,
  run?: LongRun,
): Promise<void> {
  await abortUploads(client, bucket, prefix, options, run)
  let before = ''
  for (;;) {
    run?.signal.throwIfAborted()
    const page = await listEverything(client, bucket, prefix, options)
    if (page.length === 0) return
    const first = JSON.stringify(page[0])
    if (first === before) {
      throw new AppError('store-refused', undefined, { cause: new Error(`an object of ${bucket} cannot be deleted`) })
    }
    before = first
    await deleteAll(client, bucket, page, options)
    await run?.advanced(page.length)
  }
}

async function abortUploads(
  client: S3Client,
  bucket: string,
  prefix: string,
  options: Options,
  run: LongRun | undefined,
): Promise<void> {
  const seen = new Set<string>()
  for (;;) {
    run?.signal.throwIfAborted()
    const page = await listUploads(client, bucket, prefix, options)
    const uploads = (page.Uploads ?? []).filter(({ UploadId }) => UploadId !== undefined && !seen.has(UploadId))
    if (uploads.length === 0) return
    for (const upload of uploads) {
      seen.add(upload.UploadId!)
      try {
        await client.send(
          new AbortMultipartUploadCommand({
            Bucket: bucket,
            Key: decodeListedKey(upload.Key ?? '', page.EncodingType),
            UploadId: upload.UploadId!,
          }),
          options(),
        )
      } catch (error) {
        // Completed or aborted since it was listed.
        if (storeFailure(error).code !== 'NoSuchUpload') throw error
      }
    }
    await run?.advanced(uploads.length)
  }
}

async function listUploads(client: S3Client, bucket: string, prefix: string, options: Options): Promise<UploadsPage> {
  try {
    return await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, EncodingType: 'url' }),
      options(),
    )
  } catch (error) {
    // A store without multipart uploads has none to abort.
    if (isMissingOperation(error)) return {}
    throw error
  }
}

async function listEverything(client: S3Client, bucket: string, prefix: string, options: Options): Promise<Item[]> {
  try {
    const page = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, EncodingType: 'url' }),
      options(),
    )
    return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) =>
      itemOf(Key, page.EncodingType, VersionId),
    )
  } catch (error) {
    if (!isMissingOperation(error)) throw error
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, EncodingType: 'url' }),
      options(),
    )
    return (page.Contents ?? []).map(({ Key }) => itemOf(Key, page.EncodingType))
  }
}

/** S3's limit of one DeleteObjects. */
const BATCH = 1000

/** Deletes objects or versions, in batches where the store takes them. */
export async function deleteAll(
  client: S3Client,
  bucket: string,
  items: readonly Item[],
  options: Options,
): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) {
    const batch = items.slice(start, start + BATCH)
    const left = await deleteBatch(client, bucket, batch, options)
    for (const item of left) await client.send(new DeleteObjectCommand({ Bucket: bucket, ...item }), options())
  }
}

/** @returns what must be deleted one by one: a store may refuse the batch (Ceph under a session policy does) or a part */
async function deleteBatch(client: S3Client, bucket: string, batch: Item[], options: Options): Promise<Item[]> {
  try {
    const { Errors: errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: batch, Quiet: true } }),
      options(),
    )
    return batch.filter((item) =>
      errors.some((error) => error.Key === item.Key && (error.VersionId ?? item.VersionId) === item.VersionId),
    )
  } catch (error) {
    if (isUnavailable(storeFailure(error))) throw error
    return batch
  }
}
