import type { Operation } from '../operation.ts'
import { xmlReply } from '../reply.ts'
import { element } from '@skycrate/aws-wire/write-xml'

export const getBucketLocation: Operation = {
  name: 'GetBucketLocation',
  method: 'GET',
  scope: 'bucket',
  requires: ['location'],
  access: { by: 'signature', action: 's3:GetBucketLocation' },
  // The oldest region is told by saying nothing.
  run: ({ site: { region } }) => xmlReply(element('LocationConstraint', region === 'us-east-1' ? '' : region)),
}
