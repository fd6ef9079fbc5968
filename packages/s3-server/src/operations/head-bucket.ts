import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'

export const headBucket: Operation = {
  name: 'HeadBucket',
  method: 'HEAD',
  scope: 'bucket',
  access: { by: 'signature', action: 's3:ListBucket' },
  run: ({ site }) => emptyReply(200, { 'x-amz-bucket-region': site.region, 'content-type': 'application/xml' }),
}
