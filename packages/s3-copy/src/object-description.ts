import { GetObjectTaggingCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3Client, Tag } from '@aws-sdk/client-s3'
import { isUnsupported } from './s3-failure.ts'

export interface ObjectPlace {
  readonly bucket: string
  readonly key: string
  readonly versionId: string | undefined
}

/** As parameters of the SDK's requests. */
export const atPlace = ({
  bucket,
  key,
  versionId,
}: ObjectPlace): { Bucket: string; Key: string; VersionId?: string } => ({
  Bucket: bucket,
  Key: key,
  ...(versionId === undefined ? {} : { VersionId: versionId }),
})

const CHECKSUMS = ['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256'] as const

type ChecksumField = (typeof CHECKSUMS)[number]

export interface Checksum {
  readonly field: ChecksumField
  readonly algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'
  /** Base64; that of parts ends in `-` and their number. */
  readonly value: string
  readonly type: 'COMPOSITE' | 'FULL_OBJECT'
}

/** Everything that a version has besides its bytes. */
export interface ObjectDescription {
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  /** Of a multipart object, where the store tells. */
  readonly parts: number | undefined
  readonly headers: {
    readonly CacheControl?: string
    readonly ContentDisposition?: string
    readonly ContentEncoding?: string
    readonly ContentLanguage?: string
    readonly ContentType?: string
    readonly Expires?: string
    readonly WebsiteRedirectLocation?: string
  }
  readonly metadata: Readonly<Record<string, string>>
  readonly storageClass: string
  readonly encryption: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | 'customer' | undefined
  readonly retention: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly until: Date } | undefined
  readonly hasLegalHold: boolean
  readonly checksum: Checksum | undefined
  /** By name. */
  readonly tags: readonly (readonly [name: string, value: string])[]
}

const readChecksum = (output: HeadObjectCommandOutput | GetObjectCommandOutput): Checksum | undefined => {
  const found = CHECKSUMS.flatMap((field): Checksum[] => {
    const value = output[field]
    if (value === undefined) return []
    const algorithm = field.slice('Checksum'.length) as Checksum['algorithm']
    const isComposite = output.ChecksumType === 'COMPOSITE' || value.includes('-')
    return [{ field, algorithm, value, type: isComposite ? 'COMPOSITE' : 'FULL_OBJECT' }]
  })
  return found[0]
}

const readTags = (tags: readonly Tag[] | undefined): ObjectDescription['tags'] =>
  (tags ?? [])
    .map(({ Key = '', Value = '' }) => [Key, Value] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))

const HEADERS = [
  ['CacheControl', 'CacheControl'],
  ['ContentDisposition', 'ContentDisposition'],
  ['ContentEncoding', 'ContentEncoding'],
  ['ContentLanguage', 'ContentLanguage'],
  ['ContentType', 'ContentType'],
  ['Expires', 'ExpiresString'],
  ['WebsiteRedirectLocation', 'WebsiteRedirectLocation'],
] as const

const noTags = (error: unknown): undefined => {
  if (!isUnsupported(error)) throw error
}

/** What a GET or HEAD told, and the tags, which are asked for apart where there are some, or might be. */
export const readDescription = async (
  client: S3Client,
  place: ObjectPlace,
  output: HeadObjectCommandOutput | GetObjectCommandOutput,
  mayHaveTags: boolean,
): Promise<ObjectDescription> => {
  const asksTags = mayHaveTags || (output.TagCount ?? 0) > 0
  const tagged = asksTags ? await client.send(new GetObjectTaggingCommand(atPlace(place))).catch(noTags) : undefined
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = output
  return {
    size: output.ContentLength ?? 0,
    etag: (output.ETag ?? '').replaceAll('"', ''),
    parts: output.PartsCount,
    headers: Object.fromEntries(
      HEADERS.flatMap(([name, field]) => (output[field] === undefined ? [] : [[name, output[field]]])),
    ),
    metadata: output.Metadata ?? {},
    storageClass: output.StorageClass ?? 'STANDARD',
    encryption:
      output.SSECustomerAlgorithm === undefined
        ? (output.ServerSideEncryption as ObjectDescription['encryption'])
        : 'customer',
    retention: mode === undefined || until === undefined ? undefined : { mode, until },
    hasLegalHold: output.ObjectLockLegalHoldStatus === 'ON',
    checksum: readChecksum(output),
    tags: readTags(tagged?.TagSet),
  }
}

/** @param mayHaveTags asks for tags though the store does not tell their number, as some do not on a HEAD */
export const describeObject = async (
  client: S3Client,
  place: ObjectPlace,
  mayHaveTags: boolean,
): Promise<ObjectDescription> => {
  const output = await client.send(new HeadObjectCommand({ ...atPlace(place), ChecksumMode: 'ENABLED' }))
  return readDescription(client, place, output, mayHaveTags)
}
