import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { PutObjectCommandInput, PutObjectCommandOutput } from '@aws-sdk/client-s3'
import { attributeRequests, fixedInput } from './attributes.ts'
import type { CopyPlace } from './copy-place.ts'
import { atPlace, readDescription } from './object-description.ts'
import type { ObjectDescription } from './object-description.ts'
import { describeFailure } from './s3-failure.ts'
import { sendWithoutRefused } from './send-without-refused.ts'
import { holdErrors, transfer } from './transfer.ts'

const MD5 = /^[0-9a-f]{32}$/

/** What the target can verify the bytes by: the source's checksum, and its ETag where that is an MD5. */
const proofsOf = (
  { etag, encryption, checksum }: ObjectDescription,
  trustsEtag: boolean,
): Partial<PutObjectCommandInput> => ({
  ...(trustsEtag && MD5.test(etag) && (encryption === undefined || encryption === 'AES256')
    ? { ContentMD5: Buffer.from(etag, 'hex').toString('base64') }
    : {}),
  ...(checksum?.type === 'FULL_OBJECT' ? { [checksum.field]: checksum.value } : {}),
})

export interface Put {
  readonly source: ObjectDescription
  readonly versionId: string | undefined
  /** Hex, of the bytes that went by. */
  readonly md5: string
  readonly isChecksumVerified: boolean
}

/** Copies a version in one request, its bytes passing through. */
export const putVersion = async (place: CopyPlace, versionId: string | undefined): Promise<Put> => {
  const { from, to, bucket, key, toBucket, toKey, refused } = place
  const at = { bucket, key, versionId }
  const read = async () =>
    holdErrors(await from.client.send(new GetObjectCommand({ ...atPlace(at), ChecksumMode: 'ENABLED' })))

  const putAll = async (trustsEtag: boolean): Promise<Put> => {
    // The first answer serves the first write; each further one needs the bytes again.
    let got: Awaited<ReturnType<typeof read>> | undefined = await read()
    const source = await readDescription(from.client, at, got, false)
    const proofs = proofsOf(source, trustsEtag)
    return sendWithoutRefused(attributeRequests(source, new Date()), refused, async (requests) => {
      const { Body, ContentLength } = got ?? (await read())
      got = undefined
      return transfer(Body, async ({ body, signal, md5 }) => {
        const output: PutObjectCommandOutput = await to.once.send(
          new PutObjectCommand({
            Bucket: toBucket,
            Key: toKey,
            // A stream of no bytes has, to the SDK, no known length.
            Body: ContentLength === 0 ? Buffer.alloc(0) : body,
            ContentLength,
            ...fixedInput(source),
            ...proofs,
            ...Object.assign({}, ...requests.map(({ input }) => input)),
          }),
          { abortSignal: signal },
        )
        const { checksum } = source
        return {
          source,
          versionId: output.VersionId,
          md5: md5(),
          isChecksumVerified: checksum?.type === 'FULL_OBJECT' && output[checksum.field] === checksum.value,
        }
      })
    })
  }
  try {
    return await putAll(true)
  } catch (error) {
    // Some stores' ETags have the form of an MD5 and are none.
    if (describeFailure(error).code !== 'BadDigest') throw error
    return putAll(false)
  }
}
