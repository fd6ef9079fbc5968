import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import { readLimit } from '../list-parameters.ts'
import { ownerElement } from '../owner.ts'
import { isoTime } from '../iso-time.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'

const MAX_BUCKETS = 10_000

export const listBuckets: Operation = {
  name: 'ListBuckets',
  method: 'GET',
  scope: 'service',
  allows: ['prefix', 'continuation-token', 'max-buckets', 'bucket-region'],
  access: { by: 'signature', action: 's3:ListAllMyBuckets' },
  run: ({ site, request }) => {
    const { query } = request
    const prefix = query.get('prefix') ?? ''
    const limit = readLimit(query, 'max-buckets', MAX_BUCKETS, 1)
    const region = query.get('bucket-region')
    const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString()
    const found =
      region !== undefined && region !== site.region ? [] : site.store.buckets.list(prefix, after, limit + 1)
    const page = found.slice(0, limit)
    return xmlReply(
      element('ListAllMyBucketsResult', [
        ownerElement(site),
        element(
          'Buckets',
          page.map((bucket) =>
            element('Bucket', [
              element('Name', bucket.name),
              element('CreationDate', isoTime(bucket.createdAt)),
              element('BucketRegion', site.region),
            ]),
          ),
        ),
        optionalElement(
          'ContinuationToken',
          found.length > limit ? Buffer.from(page.at(-1)?.name ?? '').toString('base64url') : undefined,
        ),
        prefix === '' ? undefined : element('Prefix', prefix),
      ]),
    )
  },
}
