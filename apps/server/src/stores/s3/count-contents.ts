import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { Contents, CountCursor, CountedPage } from '../object-store.ts'
import { decodeListedKey } from './decode-listed-key.ts'
import { isMissingOperation } from './delete-prefix.ts'

type Options = () => { readonly abortSignal: AbortSignal }

const sum = (sizes: readonly { readonly Size?: number | undefined }[]): number =>
  sizes.reduce((total, { Size = 0 }) => total + Size, 0)

const NOTHING: Contents = {
  objects: 0,
  bytes: 0,
  oldVersions: 0,
  oldBytes: 0,
  deleteMarkers: 0,
  unfinishedUploads: 0,
}

/** One page of a count, of at most 1,000 versions. */
export async function countContents(
  client: S3Client,
  bucket: string,
  prefix: string,
  cursor: CountCursor | undefined,
  options: Options,
): Promise<CountedPage> {
  const unfinishedUploads = cursor === undefined ? await countUploads(client, bucket, prefix, options) : 0
  try {
    const page = await client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        EncodingType: 'url',
        ...(cursor === undefined ? {} : { KeyMarker: cursor.key }),
        ...(cursor?.versionId === undefined ? {} : { VersionIdMarker: cursor.versionId }),
      }),
      options(),
    )
    const versions = page.Versions ?? []
    const current = versions.filter((version) => version.IsLatest !== false)
    const old = versions.filter((version) => version.IsLatest === false)
    const key = decodeListedKey(page.NextKeyMarker ?? '', page.EncodingType)
    return {
      contents: {
        objects: current.length,
        bytes: sum(current),
        oldVersions: old.length,
        oldBytes: sum(old),
        deleteMarkers: (page.DeleteMarkers ?? []).length,
        unfinishedUploads,
      },
      next: page.IsTruncated === true && key !== '' ? { key, versionId: page.NextVersionIdMarker } : undefined,
    }
  } catch (error) {
    if (!isMissingOperation(error)) throw error
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        EncodingType: 'url',
        ...(cursor === undefined ? {} : { ContinuationToken: cursor.key }),
      }),
      options(),
    )
    const objects = page.Contents ?? []
    const { NextContinuationToken: token } = page
    return {
      contents: { ...NOTHING, objects: objects.length, bytes: sum(objects), unfinishedUploads },
      next: page.IsTruncated === true && token !== undefined ? { key: token, versionId: undefined } : undefined,
    }
  }
}

async function countUploads(client: S3Client, bucket: string, prefix: string, options: Options): Promise<number> {
  let uploads = 0
  let after: { KeyMarker: string; UploadIdMarker?: string } | undefined
  for (;;) {
    try {
      const page = await client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, EncodingType: 'url', ...after }),
        options(),
      )
      uploads += (page.Uploads ?? []).length
      const { NextKeyMarker, NextUploadIdMarker } = page
      if (page.IsTruncated !== true || NextKeyMarker === undefined) return uploads
      after = {
        KeyMarker: decodeListedKey(NextKeyMarker, page.EncodingType),
        ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
      }
    } catch (error) {
      // A store without multipart uploads has none.
      if (isMissingOperation(error)) return 0
      throw error
    }
  }
}
