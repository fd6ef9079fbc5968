import { createHash } from 'node:crypto'
import { GetObjectCommand, GetObjectTaggingCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import type { ListObjectVersionsCommandOutput, S3Client } from '@aws-sdk/client-s3'

/** What a client sees of a version. */
export interface SeenVersion {
  readonly key: string
  readonly isMarker: boolean
  readonly isLatest: boolean
  /** Everything of a GET and its tags that a copy has to have too; undefined for a delete marker. */
  readonly content: object | undefined
}

const readContent = async (client: S3Client, Bucket: string, Key: string, VersionId: string): Promise<object> => {
  const place = { Bucket, Key, VersionId }
  const {
    $metadata: _metadata,
    Body,
    VersionId: _id,
    LastModified: _time,
    ...rest
  } = await client.send(new GetObjectCommand({ ...place, ChecksumMode: 'ENABLED' }))
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
  const { TagSet } = await client.send(new GetObjectTaggingCommand(place))
  return { ...rest, sha256: createHash('sha256').update(bytes).digest('hex'), TagSet }
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))

/** Every version of a bucket as listed, one a page: of more, the SDK would not tell how versions and markers alternate. */
export const readBucket = async (client: S3Client, Bucket: string): Promise<SeenVersion[]> => {
  const seen: SeenVersion[] = []
  let marker: { KeyMarker?: string; VersionIdMarker?: string | undefined } | undefined = {}
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket, EncodingType: 'url', MaxKeys: 1, ...marker }),
    )
    for (const { Key = '', VersionId = '', IsLatest = false } of [
      ...(page.Versions ?? []),
      ...(page.DeleteMarkers ?? []),
    ]) {
      const key = decode(Key)
      const isMarker = page.Versions === undefined
      const content = isMarker ? undefined : await readContent(client, Bucket, key, VersionId)
      seen.push({ key, isMarker, isLatest: IsLatest, content })
    }
    const { NextKeyMarker = '', NextVersionIdMarker: VersionIdMarker } = page
    marker = page.IsTruncated === true ? { KeyMarker: decode(NextKeyMarker), VersionIdMarker } : undefined
  }
  return seen
}
