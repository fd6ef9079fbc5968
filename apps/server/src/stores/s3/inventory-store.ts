import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { InventoryCursor, InventoryItem, InventoryPage, InventoryStore } from '../inventory-store.ts'
import { unquoted } from './copy-call.ts'
import { decodeListedKey } from './decode-listed-key.ts'
import { isMissingOperation } from './delete-prefix.ts'
import { storeFailure } from './store-failure.ts'

type At = <T>(bucket: string, doing: string, work: (client: S3Client) => Promise<T>) => Promise<T>
type Deadline = () => { readonly abortSignal: AbortSignal }

const FIRST_UPLOADS = { of: 'uploads', key: '', uploadId: undefined } as const
const FIRST_VERSIONS = { of: 'versions', key: '', versionId: undefined, modified: 0 } as const

export function inventoryStore(at: At, deadline: Deadline): InventoryStore {
  return {
    inventory: (bucket, cursor) =>
      at(bucket, `list what the bucket ${bucket} holds`, async (client) => {
        try {
          return { ok: true, value: await pageOf(client, bucket, cursor, deadline) }
        } catch (error) {
          if (storeFailure(error).code === 'NoSuchBucket') return { ok: false, reason: 'no-such-bucket' }
          throw error
        }
      }),
  }
}

async function pageOf(
  client: S3Client,
  bucket: string,
  cursor: InventoryCursor | undefined,
  deadline: Deadline,
): Promise<InventoryPage> {
  const at = cursor ?? FIRST_UPLOADS
  switch (at.of) {
    case 'uploads':
      return uploads(client, bucket, at, deadline)
    case 'files':
      throw new TypeError('a store lists from no file')
    case 'objects':
      return objects(client, bucket, at.token, deadline)
    case 'versions':
      try {
        return await versions(client, bucket, at, deadline)
      } catch (error) {
        if (!isMissingOperation(error)) throw error
        return objects(client, bucket, undefined, deadline)
      }
  }
}

async function versions(
  client: S3Client,
  bucket: string,
  cursor: Extract<InventoryCursor, { of: 'versions' }>,
  deadline: Deadline,
): Promise<InventoryPage> {
  const page = await client.send(
    new ListObjectVersionsCommand({
      Bucket: bucket,
      EncodingType: 'url',
      ...(cursor.key === '' ? {} : { KeyMarker: cursor.key }),
      ...(cursor.versionId === undefined ? {} : { VersionIdMarker: cursor.versionId }),
    }),
    deadline(),
  )
  const listed = [
    ...(page.Versions ?? []).map((each) => ({ ...each, isMarker: false })),
    ...(page.DeleteMarkers ?? []).map((each) => ({
      ...each,
      Size: 0,
      ETag: '',
      isMarker: true,
      StorageClass: undefined,
    })),
  ].map((each) => ({
    key: decodeListedKey(each.Key ?? '', page.EncodingType),
    size: each.Size ?? 0,
    modified: each.LastModified?.getTime() ?? 0,
    storageClass: each.StorageClass ?? 'STANDARD',
    etag: unquoted(each.ETag),
    isLatest: each.IsLatest !== false,
    isMarker: each.isMarker,
  }))
  // The SDK tells versions and markers apart; both are needed in the order of the listing.
  if (page.DeleteMarkers?.length) {
    const order = new Map<string, number>()
    for (const { key } of listed.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))) {
      if (!order.has(key)) order.set(key, order.size)
    }
    listed.sort(
      (a, b) =>
        order.get(a.key)! - order.get(b.key)! || Number(b.isLatest) - Number(a.isLatest) || b.modified - a.modified,
    )
  }
  let before = { key: cursor.key, modified: cursor.modified }
  const items = listed.map(({ isLatest, isMarker, ...item }): InventoryItem => {
    const since = isLatest ? item.modified : before.key === item.key ? before.modified : item.modified
    before = { key: item.key, modified: item.modified }
    return { ...item, since, place: isMarker ? 'marker' : isLatest ? 'current' : 'noncurrent' }
  })
  const key = decodeListedKey(page.NextKeyMarker ?? '', page.EncodingType)
  return {
    items,
    next:
      page.IsTruncated === true && key !== ''
        ? { of: 'versions', key, versionId: page.NextVersionIdMarker, modified: before.modified }
        : undefined,
  }
}

async function objects(
  client: S3Client,
  bucket: string,
  token: string | undefined,
  deadline: Deadline,
): Promise<InventoryPage> {
  const page = await client.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      EncodingType: 'url',
      ...(token === undefined ? {} : { ContinuationToken: token }),
    }),
    deadline(),
  )
  const items = (page.Contents ?? []).map((each): InventoryItem => {
    const modified = each.LastModified?.getTime() ?? 0
    return {
      key: decodeListedKey(each.Key ?? '', page.EncodingType),
      size: each.Size ?? 0,
      modified,
      storageClass: each.StorageClass ?? 'STANDARD',
      etag: unquoted(each.ETag),
      place: 'current',
      since: modified,
    }
  })
  const { NextContinuationToken: next } = page
  return {
    items,
    next: page.IsTruncated === true && next !== undefined ? { of: 'objects', token: next } : undefined,
  }
}

async function uploads(
  client: S3Client,
  bucket: string,
  cursor: Extract<InventoryCursor, { of: 'uploads' }>,
  deadline: Deadline,
): Promise<InventoryPage> {
  try {
    const page = await client.send(
      new ListMultipartUploadsCommand({
        Bucket: bucket,
        EncodingType: 'url',
        ...(cursor.key === '' ? {} : { KeyMarker: cursor.key }),
        ...(cursor.uploadId === undefined ? {} : { UploadIdMarker: cursor.uploadId }),
      }),
      deadline(),
    )
    const items: InventoryItem[] = []
    for (const each of page.Uploads ?? []) {
      const key = decodeListedKey(each.Key ?? '', page.EncodingType)
      const modified = each.Initiated?.getTime() ?? 0
      items.push({
        key,
        size: await sizeOfParts(client, bucket, key, each.UploadId ?? '', deadline),
        modified,
        storageClass: each.StorageClass ?? 'STANDARD',
        etag: '',
        place: 'upload',
        since: modified,
      })
    }
    const { NextKeyMarker: next, NextUploadIdMarker: uploadId } = page
    return {
      items,
      next:
        page.IsTruncated === true && next !== undefined
          ? { of: 'uploads', key: decodeListedKey(next, page.EncodingType), uploadId }
          : FIRST_VERSIONS,
    }
  } catch (error) {
    // A store without multipart uploads has none.
    if (isMissingOperation(error)) return { items: [], next: FIRST_VERSIONS }
    throw error
  }
}

/** Bytes of an upload's first thousand parts; of more parts, the rest is left out. */
async function sizeOfParts(
  client: S3Client,
  bucket: string,
  key: string,
  uploadId: string,
  deadline: Deadline,
): Promise<number> {
  try {
    const page = await client.send(new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId }), deadline())
    return (page.Parts ?? []).reduce((sum, { Size = 0 }) => sum + Size, 0)
  } catch (error) {
    if (storeFailure(error).status === 404) return 0
    throw error
  }
}
