import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import { MAX_BUCKET_TAGS, readTagging, writeTagging } from '../objects/tags.ts'

export const bucketTagging = bucketSettingOperations({
  name: 'BucketTagging',
  kind: 'tagging',
  subresource: 'tagging',
  root: 'Tagging',
  actions: { get: 's3:GetBucketTagging', put: 's3:PutBucketTagging' },
  missing: 'NoSuchTagSet',
  putStatus: 204,
  read: (root) => readTagging(root, MAX_BUCKET_TAGS),
  write: writeTagging,
})
