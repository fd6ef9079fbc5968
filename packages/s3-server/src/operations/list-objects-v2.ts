import { isoTime } from '../iso-time.ts'
import { MAX_KEYS, readKeyEncoding, readLimit, readOptionalAttributes } from '../list-parameters.ts'
import type { Operation } from '../operation.ts'
import { ownerElement } from '../owner.ts'
import { xmlReply } from '../reply.ts'
import type { Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import { afterPrefix, justAfter } from '../store/tables/key-order.ts'
import type { ListedObject } from '../store/tables/listing-table.ts'
import { nextFrom } from '../store/tables/walk-keys.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

const TOKEN_MARK = '1'

const writeToken = (from: string): string => Buffer.from(TOKEN_MARK + from).toString('base64url')

/** @throws S3Error InvalidArgument for a token that this server did not make */
const readToken = (token: string): string => {
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith(TOKEN_MARK) || writeToken(text.slice(TOKEN_MARK.length)) !== token) {
    throw new S3Error('InvalidArgument', { message: 'The continuation token provided is incorrect' })
  }
  return text.slice(TOKEN_MARK.length)
}

export const contentsElement = (
  object: ListedObject,
  key: string,
  owner: Site | undefined,
  restored: XmlElement | undefined,
): XmlElement =>
  element('Contents', [
    element('Key', key),
    element('LastModified', isoTime(object.modifiedAt)),
    element('ETag', `"${object.etag}"`),
    element('Size', object.size),
    owner === undefined ? undefined : ownerElement(owner),
    element('StorageClass', object.storageClass),
    restored,
  ])

export const commonPrefixElements = (prefixes: readonly string[], encode: (key: string) => string): XmlElement[] =>
  prefixes.map((prefix) => element('CommonPrefixes', [element('Prefix', encode(prefix))]))

/**
 * Where a listing begins that shall come after `marker`. A marker that is itself a common prefix stands for all its
 * keys.
 */
export const fromMarker = (marker: string, prefix: string, delimiter: string): string | undefined => {
  if (marker === '') return ''
  const isGroup =
    delimiter !== '' &&
    marker.startsWith(prefix) &&
    marker.endsWith(delimiter) &&
    marker.indexOf(delimiter, prefix.length) === marker.length - delimiter.length
  return isGroup ? afterPrefix(marker) : justAfter(marker)
}

export const listObjectsV2: Operation = {
  name: 'ListObjectsV2',
  method: 'GET',
  scope: 'bucket',
  requires: ['list-type'],
  allows: ['prefix', 'delimiter', 'start-after', 'continuation-token', 'max-keys', 'encoding-type', 'fetch-owner'],
  access: { by: 'signature', action: 's3:ListBucket' },
  run: (context, bucket) => {
    const {
      site,
      request: { query },
    } = context
    if (query.get('list-type') !== '2') throw new S3Error('InvalidArgument', { message: 'Invalid List Type specified' })
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const startAfter = query.get('start-after')
    const token = query.get('continuation-token')
    const limit = readLimit(query, 'max-keys', MAX_KEYS)
    const { name: encoding, encode } = readKeyEncoding(query)
    const from = token === undefined ? fromMarker(startAfter ?? '', prefix, delimiter) : readToken(token)
    const page = site.store.listings.objects(bucket.id, {
      prefix,
      delimiter,
      from: from ?? '',
      limit: from === undefined ? 0 : limit,
    })
    const next = page.truncated && page.last !== undefined ? nextFrom(page.last) : undefined
    const optional = readOptionalAttributes(context, bucket)
    const owner = query.get('fetch-owner') === 'true' ? site : undefined
    return xmlReply(
      element('ListBucketResult', [
        element('Name', bucket.name),
        element('Prefix', encode(prefix)),
        delimiter === '' ? undefined : element('Delimiter', encode(delimiter)),
        optionalElement('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
        optionalElement('ContinuationToken', token),
        optionalElement('NextContinuationToken', next === undefined ? undefined : writeToken(next)),
        element('KeyCount', page.rows.length + page.commonPrefixes.length),
        element('MaxKeys', limit),
        optionalElement('EncodingType', encoding),
        element('IsTruncated', next !== undefined),
        ...page.rows.map((object) => contentsElement(object, encode(object.key), owner, optional(object))),
        ...commonPrefixElements(page.commonPrefixes, encode),
      ]),
    )
  },
}
