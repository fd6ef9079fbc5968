import { encodeKey } from '@skycrate/core/sigv4/encode'
import { isArchive, restoreStatusElement } from './objects/archived.ts'
import type { Query } from './http/query.ts'
import type { RequestContext } from './request-context.ts'
import { S3Error } from './s3-error.ts'
import type { Bucket } from './store/tables/bucket-table.ts'
import type { ListedObject } from './store/tables/listing-table.ts'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

/** Entries of one page, as on S3. */
export const MAX_KEYS = 1000

/**
 * A page size from the query, never above `most`.
 *
 * @throws S3Error InvalidArgument
 */
export const readLimit = (query: Query, name: string, most: number, least = 0): number => {
  const text = query.get(name)
  if (text === undefined || text === '') return most
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= 2_147_483_647)) {
    throw new S3Error('InvalidArgument', {
      message: `Argument ${name} must be an integer between ${least} and 2147483647`,
      fields: { ArgumentName: name, ArgumentValue: text },
    })
  }
  return Math.min(value, most)
}

/** How keys are to be written in a listing: as they are, or percent-encoded. @throws S3Error InvalidArgument */
export const readKeyEncoding = (
  query: Query,
): { readonly name: 'url' | undefined; readonly encode: (key: string) => string } => {
  const type = query.get('encoding-type')
  if (type === undefined) return { name: undefined, encode: (key) => key }
  if (type !== 'url') {
    throw new S3Error('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' })
  }
  return { name: 'url', encode: encodeKey }
}

/** Shows of an entry what `x-amz-optional-object-attributes` asked for, which is nothing but whether it stands restored. */
export const readOptionalAttributes = (
  { site, request, now }: RequestContext,
  bucket: Bucket,
): ((entry: ListedObject & { readonly versionId?: string }) => XmlElement | undefined) => {
  const names = (request.headers.get('x-amz-optional-object-attributes') ?? '').split(',').map((name) => name.trim())
  if (!names.includes('RestoreStatus')) return () => undefined
  const { objects } = site.store
  return ({ key, storageClass, versionId }) => {
    if (!isArchive(storageClass)) return undefined
    const found = versionId === undefined ? undefined : objects.find(bucket.id, key, versionId)
    const version = found?.kind === 'object' ? found.version : objects.current(bucket.id, key)
    return version === undefined ? undefined : restoreStatusElement(version, now)
  }
}
