import { openContent } from '../objects/object-content.ts'
import type { Operation } from '../operation.ts'
import { READ_PARAMETERS, readObject } from '../objects/read-object.ts'
import { emptyReply } from '../reply.ts'

export const getObject: Operation = {
  name: 'GetObject',
  method: 'GET',
  scope: 'object',
  allows: READ_PARAMETERS,
  access: { by: 'signature', action: 's3:GetObject', versionAction: 's3:GetObjectVersion' },
  run: (context, bucket, key) => {
    const read = readObject(context, bucket, key)
    if (read.outcome === 'not-modified') return emptyReply(304, read.headers)
    const content = openContent(context.site.store, read.version, read.range, read.unwrap)
    return { status: read.status, headers: read.headers, body: { kind: 'stream', ...content } }
  },
}
