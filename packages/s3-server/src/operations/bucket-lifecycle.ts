import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import { readLifecycle, writeLifecycle } from '../lifecycle.ts'

export const bucketLifecycle = bucketSettingOperations({
  name: 'BucketLifecycleConfiguration',
  kind: 'lifecycle',
  subresource: 'lifecycle',
  root: 'LifecycleConfiguration',
  actions: { get: 's3:GetLifecycleConfiguration', put: 's3:PutLifecycleConfiguration' },
  missing: 'NoSuchLifecycleConfiguration',
  putStatus: 200,
  read: readLifecycle,
  write: writeLifecycle,
})
