import type { Operation } from '../operation.ts'
import { READ_PARAMETERS, readObject } from '../objects/read-object.ts'
import { emptyReply } from '../reply.ts'

export const headObject: Operation = {
  name: 'HeadObject',
  method: 'HEAD',
  scope: 'object',
  allows: READ_PARAMETERS,
  access: { by: 'signature', action: 's3:GetObject', versionAction: 's3:GetObjectVersion' },
  run: (context, bucket, key) => {
    const read = readObject(context, bucket, key)
    if (read.outcome === 'not-modified') return emptyReply(304, read.headers)
    const { start, end } = read.range
    return { status: read.status, headers: { ...read.headers, 'content-length': String(end - start) } }
  },
}
