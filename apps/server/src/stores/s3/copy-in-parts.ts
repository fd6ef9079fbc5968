import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import type { CopyRequest, CopyResult } from '../copy-store.ts'
import { copySource, longCall, unquoted } from './copy-call.ts'
import { isMissingOperation } from './delete-prefix.ts'
import { storeFailure } from './store-failure.ts'

/** S3's limit. */
const MAX_PARTS = 10_000
/** Parts on their way at once. */
const AT_ONCE = 4

interface Options {
  readonly conditional: boolean
  /** Bytes. */
  readonly partSize: number
  readonly deadline: () => { readonly abortSignal: AbortSignal }
}

/**
 * Copies an object of any size, part by part. A try after a crash goes on with the parts that the store has.
 * @throws the SDK's errors; the signal's reason between two parts
 */
export async function copyInParts(client: S3Client, request: CopyRequest, options: Options): Promise<CopyResult> {
  const { from, to, parts } = request
  const size = Math.max(options.partSize, Math.ceil(from.size / MAX_PARTS))
  const known = parts?.uploadId === undefined ? undefined : await partsOf(client, to, parts.uploadId, options)
  let uploadId = known === undefined ? undefined : parts?.uploadId
  if (uploadId === undefined) {
    uploadId = await begin(client, request, options)
    await parts?.started(uploadId)
  }

  const done = new Map(known)
  const numbers = Array.from({ length: Math.ceil(from.size / size) }, (_, i) => i + 1)
  const todo = numbers.filter((number) => !done.has(number)).values()
  const copyNext = async (): Promise<void> => {
    for (const number of todo) {
      parts?.signal.throwIfAborted()
      const start = (number - 1) * size
      const end = Math.min(start + size, from.size) - 1
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          Bucket: to.bucket,
          Key: to.key,
          UploadId: uploadId,
          PartNumber: number,
          CopySource: copySource(from),
          CopySourceIfMatch: `"${from.etag}"`,
          CopySourceRange: `bytes=${start}-${end}`,
        }),
        longCall(),
      )
      done.set(number, CopyPartResult?.ETag ?? '')
    }
  }
  const copied = await Promise.allSettled(Array.from({ length: AT_ONCE }, copyNext))
  for (const each of copied) if (each.status === 'rejected') throw each.reason

  const { ETag, VersionId } = await client.send(
    new CompleteMultipartUploadCommand({
      Bucket: to.bucket,
      Key: to.key,
      UploadId: uploadId,
      MultipartUpload: { Parts: numbers.map((number) => ({ PartNumber: number, ETag: done.get(number) })) },
      ...(options.conditional ? { IfNoneMatch: '*' } : {}),
    }),
    longCall(),
  )
  return { ok: true, value: { etag: unquoted(ETag), versionId: VersionId } }
}

/** A copy in parts takes nothing over by itself. */
async function begin(client: S3Client, { from, to }: CopyRequest, options: Options): Promise<string> {
  const source = { Bucket: from.bucket, Key: from.key, VersionId: from.versionId }
  const head = await client.send(new HeadObjectCommand(source), options.deadline())
  const tags = await tagsOf(client, source, options)
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      Bucket: to.bucket,
      Key: to.key,
      ContentType: head.ContentType,
      CacheControl: head.CacheControl,
      ContentDisposition: head.ContentDisposition,
      ContentEncoding: head.ContentEncoding,
      ContentLanguage: head.ContentLanguage,
      Metadata: head.Metadata,
      ...(head.Expires === undefined ? {} : { Expires: head.Expires }),
      ...(tags === '' ? {} : { Tagging: tags }),
      ...(from.storageClass === 'STANDARD' ? {} : { StorageClass: from.storageClass as never }),
    }),
    options.deadline(),
  )
  return UploadId ?? ''
}

async function tagsOf(
  client: S3Client,
  source: { readonly Bucket: string; readonly Key: string; readonly VersionId: string | undefined },
  { deadline }: Options,
): Promise<string> {
  try {
    const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(source), deadline())
    return new URLSearchParams(TagSet.map(({ Key, Value }) => [Key ?? '', Value ?? ''])).toString()
  } catch (error) {
    if (isMissingOperation(error) || storeFailure(error).code === 'NoSuchTagSet') return ''
    throw error
  }
}

/** ETags of the parts by number; undefined where the upload is gone. */
async function partsOf(
  client: S3Client,
  to: CopyRequest['to'],
  uploadId: string,
  { deadline }: Options,
): Promise<Map<number, string> | undefined> {
  const found = new Map<number, string>()
  let marker: string | undefined
  try {
    do {
      const page = await client.send(
        new ListPartsCommand({ Bucket: to.bucket, Key: to.key, UploadId: uploadId, PartNumberMarker: marker }),
        deadline(),
      )
      for (const { PartNumber, ETag } of page.Parts ?? []) found.set(PartNumber ?? 0, ETag ?? '')
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined
    } while (marker !== undefined)
    return found
  } catch (error) {
    if (storeFailure(error).code === 'NoSuchUpload') return undefined
    throw error
  }
}
