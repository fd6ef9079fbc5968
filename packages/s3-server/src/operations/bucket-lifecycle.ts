import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import { readLifecycle } from '../lifecycle/read-lifecycle.ts'
import { writeLifecycle } from '../lifecycle/write-lifecycle.ts'

const SMALL_OBJECTS = 'x-amz-transition-default-minimum-object-size'

export const bucketLifecycle = bucketSettingOperations({
  name: 'BucketLifecycleConfiguration',
  kind: 'lifecycle',
  subresource: 'lifecycle',
  root: 'LifecycleConfiguration',
  actions: { get: 's3:GetLifecycleConfiguration', put: 's3:PutLifecycleConfiguration' },
  missing: 'NoSuchLifecycleConfiguration',
  putStatus: 200,
  read: (root, headers) => readLifecycle(root, headers.get(SMALL_OBJECTS)),
  write: writeLifecycle,
  headers: ({ smallObjects }) => ({ [SMALL_OBJECTS]: smallObjects }),
})
