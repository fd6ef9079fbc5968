import { ListObjectVersionsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { ObjectVersion, S3Client } from '@aws-sdk/client-s3'
import { isUnsupported } from './s3-failure.ts'
import type { KeyVersions, Version } from './version.ts'

interface Listed extends Version {
  readonly key: string
}

/** Keys are listed percent-encoded, since XML can't hold every character of them. */
const decodeKey = (encoded: string): string => decodeURIComponent(encoded.replaceAll('+', ' '))

const bareTag = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '')

/**
 * The SDK sorts an answer's elements by their kind. In which order versions and delete markers of a key came is only told
 * by the document itself.
 */
const readOrder = (document: string): boolean[] =>
  [...document.matchAll(/<(Version|DeleteMarker)[\s>]/g)].map(([, name]) => name === 'DeleteMarker')

async function* listVersions(client: S3Client, bucket: string, prefix: string): AsyncGenerator<Listed> {
  let last: Listed | undefined
  for (;;) {
    const command = new ListObjectVersionsCommand({
      Bucket: bucket,
      EncodingType: 'url',
      ...(prefix === '' ? {} : { Prefix: prefix }),
      ...(last === undefined ? {} : { KeyMarker: last.key, VersionIdMarker: last.versionId }),
    })
    let order: boolean[] = []
    command.middlewareStack.add(
      (next) => async (input) => {
        const result = await next(input)
        const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array> | Uint8Array }
        if (response.statusCode === 200) {
          const body = Buffer.concat(await Array.fromAsync(response.body as AsyncIterable<Uint8Array>))
          order = readOrder(body.toString())
          response.body = body
        }
        return result
      },
      { step: 'deserialize', priority: 'low', name: 'readOrderOfVersions' },
    )
    const page = await client.send(command)
    const versions = (page.Versions ?? []).values()
    const markers = (page.DeleteMarkers ?? []).values()
    for (const isMarker of order) {
      const { value } = isMarker ? markers.next() : versions.next()
      if (value === undefined) throw new Error('a listing of versions that can not be understood')
      const { Key, VersionId, Size, ETag, LastModified } = value as ObjectVersion
      last = {
        key: decodeKey(Key ?? ''),
        versionId: VersionId,
        isMarker,
        size: isMarker ? 0 : (Size ?? 0),
        etag: isMarker ? '' : bareTag(ETag),
        modifiedAt: LastModified ?? new Date(0),
      }
      yield last
    }
    if (page.IsTruncated !== true) return
    if (order.length === 0) throw new Error('an empty page of a listing that goes on')
  }
}

/** For stores that keep no versions and can't list them. */
async function* listObjects(client: S3Client, bucket: string, prefix: string): AsyncGenerator<Listed> {
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        EncodingType: 'url',
        ...(prefix === '' ? {} : { Prefix: prefix }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    )
    for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
      yield {
        key: decodeKey(Key ?? ''),
        versionId: undefined,
        isMarker: false,
        size: Size ?? 0,
        etag: bareTag(ETag),
        modifiedAt: LastModified ?? new Date(0),
      }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

async function* listEither(client: S3Client, bucket: string, prefix: string): AsyncGenerator<Listed> {
  let isFirst = true
  try {
    for await (const version of listVersions(client, bucket, prefix)) {
      isFirst = false
      yield version
    }
  } catch (error) {
    if (!isFirst || !isUnsupported(error)) throw error
    yield* listObjects(client, bucket, prefix)
  }
}

/** Of keys as S3 orders them: by their bytes in UTF-8. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * Every key under a prefix in S3's order, with all that is kept of it. Holds a page and the versions of one key.
 *
 * @throws Error for a store that lists in another order: two listings of it can't be compared as they come
 */
export async function* listKeys(client: S3Client, bucket: string, prefix: string): AsyncGenerator<KeyVersions> {
  let key: string | undefined
  let newestFirst: Version[] = []
  for await (const { key: listed, ...version } of listEither(client, bucket, prefix)) {
    if (listed !== key) {
      if (key !== undefined) {
        if (compareKeys(key, listed) > 0) throw new Error(`${bucket} is not listed in the order of its keys`)
        yield { key, versions: newestFirst.toReversed() }
      }
      key = listed
      newestFirst = []
    }
    newestFirst.push(version)
  }
  if (key !== undefined) yield { key, versions: newestFirst.toReversed() }
}
