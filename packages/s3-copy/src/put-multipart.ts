import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { CompletedPart, Part } from '@aws-sdk/client-s3'
import { attributeRequests, fixedInput } from './attributes.ts'
import type { CopyPlace } from './copy-place.ts'
import { forEachConcurrently } from './for-each-concurrently.ts'
import { atPlace, describeObject } from './object-description.ts'
import type { ObjectPlace } from './object-description.ts'
import type { Put } from './put-version.ts'
import { isNotFound, isTransient } from './s3-failure.ts'
import { sendWithoutRefused } from './send-without-refused.ts'
import { holdErrors, transfer } from './transfer.ts'
import { withRetries } from './with-retries.ts'

/** Of one object at once. */
const PART_CONCURRENCY = 4
const MEBIBYTE = 1024 ** 2
/** Of every part but the last, on S3. */
const LEAST_PART_BYTES = 5 * MEBIBYTE

/** How many parts the ETag of a multipart object says it was made of; undefined for one that was put whole. */
export const partsOfEtag = (etag: string): number | undefined => {
  const [, parts] = /-([0-9]{1,5})$/.exec(etag) ?? []
  return parts === undefined ? undefined : Number(parts)
}

/** How an object's bytes are asked for, part by part: as its store knows them, or as ranges. */
interface PartPlan {
  readonly parts: number
  readonly request: (number: number) => { readonly PartNumber: number } | { readonly Range: string }
}

/**
 * The parts that an object was made of. A store that does not tell them is asked for ranges of the smallest number of whole
 * MiB that gives as many parts, which is what most clients use; the ETag shows whether that was it.
 */
const planParts = async ({ from }: CopyPlace, at: ObjectPlace, size: number, parts: number): Promise<PartPlan> => {
  const first = await from.client.send(new HeadObjectCommand({ ...atPlace(at), PartNumber: 1 }))
  if (first.PartsCount === parts || size === 0) return { parts, request: (number) => ({ PartNumber: number }) }
  const bytes = Math.max(LEAST_PART_BYTES, Math.ceil(size / parts / MEBIBYTE) * MEBIBYTE)
  return {
    parts: Math.max(1, Math.ceil(size / bytes)),
    request: (number) => ({ Range: `bytes=${(number - 1) * bytes}-${Math.min(number * bytes, size) - 1}` }),
  }
}

/** What an earlier attempt has brought to the target; undefined when that upload has ended. */
const findParts = async (
  { to, toBucket, toKey }: CopyPlace,
  uploadId: string,
): Promise<Map<number, Part> | undefined> => {
  const found = new Map<number, Part>()
  let marker: string | undefined
  do {
    const from = marker === undefined ? {} : { PartNumberMarker: marker }
    const page = await to.client
      .send(new ListPartsCommand({ Bucket: toBucket, Key: toKey, UploadId: uploadId, ...from }))
      .catch((error: unknown) => {
        if (isNotFound(error)) return undefined
        throw error
      })
    if (page === undefined) return undefined
    for (const part of page.Parts ?? []) found.set(part.PartNumber ?? 0, part)
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined
  } while (marker !== undefined)
  return found
}

/** Which upload of this version is under way, also over the end of the program. */
export interface UploadMemory {
  find(): string | undefined
  keep(uploadId: string): void
}

/** Copies a version part by part, as the original was made, so that its ETag stays the same. */
export const putMultipart = async (
  place: CopyPlace,
  versionId: string | undefined,
  parts: number,
  memory: UploadMemory,
): Promise<Put> => {
  const { from, to, bucket, key, toBucket, toKey, refused } = place
  const at = { bucket, key, versionId }
  const source = await describeObject(from.client, at, true)
  const { checksum } = source
  const plan = await planParts(place, at, source.size, parts)

  const create = async (): Promise<string> => {
    const input = {
      Bucket: toBucket,
      Key: toKey,
      ...fixedInput(source),
      ...(checksum === undefined ? {} : { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
    }
    const { UploadId = '' } = await sendWithoutRefused(attributeRequests(source, new Date()), refused, (requests) =>
      to.client.send(
        new CreateMultipartUploadCommand({ ...input, ...Object.assign({}, ...requests.map((each) => each.input)) }),
      ),
    )
    memory.keep(UploadId)
    return UploadId
  }
  const begun = memory.find()
  const found = begun === undefined ? undefined : await findParts(place, begun)
  const uploadId = found === undefined || begun === undefined ? await create() : begun
  const upload = { Bucket: toBucket, Key: toKey, UploadId: uploadId }
  const done = new Map<number, CompletedPart>()

  const putPart = (number: number): Promise<void> =>
    withRetries(async () => {
      const request = { ...atPlace(at), ...plan.request(number), ChecksumMode: 'ENABLED' as const }
      const got = holdErrors(await from.client.send(new GetObjectCommand(request)))
      const present = found?.get(number)
      if (present !== undefined && present.Size === got.ContentLength) {
        if (got.Body !== undefined && 'destroy' in got.Body) got.Body.destroy()
        done.set(number, present)
        return
      }
      const value = checksum === undefined ? undefined : got[checksum.field]
      const isPartOwn = 'PartNumber' in request && value !== undefined && !value.includes('-')
      const proof =
        checksum?.type !== 'COMPOSITE'
          ? {}
          : isPartOwn
            ? { [checksum.field]: value }
            : { ChecksumAlgorithm: checksum.algorithm }
      await transfer(got.Body, async ({ body, signal }) => {
        const output = await to.once.send(
          new UploadPartCommand({
            ...upload,
            PartNumber: number,
            Body: body,
            ContentLength: got.ContentLength,
            ...proof,
          }),
          { abortSignal: signal },
        )
        done.set(number, { ...output, PartNumber: number })
      })
    })

  try {
    const numbers = (function* () {
      for (let number = 1; number <= plan.parts; number++) yield number
    })()
    await forEachConcurrently(numbers, PART_CONCURRENCY, putPart)
    const completed = [...done]
      .toSorted(([a], [b]) => a - b)
      .map(([PartNumber, { ETag, ...part }]): CompletedPart => ({
        PartNumber,
        ETag,
        ...(checksum === undefined || part[checksum.field] === undefined
          ? {}
          : { [checksum.field]: part[checksum.field] }),
      }))
    const output = await to.once.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: { Parts: completed },
        ...(checksum?.type === 'FULL_OBJECT' ? { [checksum.field]: checksum.value, ChecksumType: 'FULL_OBJECT' } : {}),
      }),
    )
    return {
      source,
      versionId: output.VersionId,
      md5: '',
      isChecksumVerified: checksum !== undefined && output[checksum.field] === checksum.value,
    }
  } catch (error) {
    // After a failure that may pass, the next attempt or the next run goes on with the parts that are there.
    if (!isTransient(error)) await to.client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined)
    throw error
  }
}
