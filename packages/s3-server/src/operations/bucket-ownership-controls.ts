import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import { S3Error } from '../s3-error.ts'
import { requiredChild, requiredText } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

/** There are no ACLs here, so BucketOwnerEnforced is what always holds, and all that can be asked for. */
export const bucketOwnershipControls = bucketSettingOperations<{ readonly ownership: 'BucketOwnerEnforced' }>({
  name: 'BucketOwnershipControls',
  kind: 'ownership',
  subresource: 'ownershipControls',
  root: 'OwnershipControls',
  actions: { get: 's3:GetBucketOwnershipControls', put: 's3:PutBucketOwnershipControls' },
  missing: 'OwnershipControlsNotFoundError',
  putStatus: 200,
  read: (root) => {
    const ownership = requiredText(requiredChild(root, 'Rule'), 'ObjectOwnership')
    if (ownership === 'BucketOwnerEnforced') return { ownership }
    if (ownership === 'BucketOwnerPreferred' || ownership === 'ObjectWriter') {
      throw new S3Error('NotImplemented', { message: 'Only BucketOwnerEnforced is implemented.' })
    }
    throw new S3Error('MalformedXML')
  },
  write: ({ ownership }) => element('OwnershipControls', [element('Rule', [element('ObjectOwnership', ownership)])]),
})
