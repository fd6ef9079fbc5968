import { MAX_KEYS, readKeyEncoding, readLimit, readOptionalAttributes } from '../list-parameters.ts'
import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'
import { commonPrefixElements, contentsElement, fromMarker } from './list-objects-v2.ts'

/** The older listing, which continues from a key instead of a token. */
export const listObjects: Operation = {
  name: 'ListObjects',
  method: 'GET',
  scope: 'bucket',
  allows: ['prefix', 'delimiter', 'marker', 'max-keys', 'encoding-type'],
  access: { by: 'signature', action: 's3:ListBucket' },
  run: (context, bucket) => {
    const {
      site,
      request: { query },
    } = context
    const optional = readOptionalAttributes(context, bucket)
    const prefix = query.get('prefix') ?? ''
    const delimiter = query.get('delimiter') ?? ''
    const marker = query.get('marker') ?? ''
    const limit = readLimit(query, 'max-keys', MAX_KEYS)
    const { name: encoding, encode } = readKeyEncoding(query)
    const from = fromMarker(marker, prefix, delimiter)
    const page = site.store.listings.objects(bucket.id, {
      prefix,
      delimiter,
      from: from ?? '',
      limit: from === undefined ? 0 : limit,
    })
    const { last } = page
    const next = !page.truncated || last === undefined ? undefined : 'row' in last ? last.row.key : last.commonPrefix
    return xmlReply(
      element('ListBucketResult', [
        element('Name', bucket.name),
        element('Prefix', encode(prefix)),
        element('Marker', encode(marker)),
        optionalElement('NextMarker', next === undefined ? undefined : encode(next)),
        element('MaxKeys', limit),
        delimiter === '' ? undefined : element('Delimiter', encode(delimiter)),
        optionalElement('EncodingType', encoding),
        element('IsTruncated', page.truncated),
        ...page.rows.map((object) => contentsElement(object, encode(object.key), site, optional(object))),
        ...commonPrefixElements(page.commonPrefixes, encode),
      ]),
    )
  },
}
