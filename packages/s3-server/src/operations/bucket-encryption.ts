import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import { S3Error } from '../s3-error.ts'
import type { Encryption } from '../store/object-version.ts'
import { requiredChild, requiredText } from '../xml/read-xml.ts'
import { element } from '../xml/write-xml.ts'

/** New objects of the bucket are then encrypted at rest, each with a key of its own. */
export const bucketEncryption = bucketSettingOperations<{ readonly algorithm: Encryption }>({
  name: 'BucketEncryption',
  kind: 'encryption',
  subresource: 'encryption',
  root: 'ServerSideEncryptionConfiguration',
  actions: { get: 's3:GetEncryptionConfiguration', put: 's3:PutEncryptionConfiguration' },
  missing: 'ServerSideEncryptionConfigurationNotFoundError',
  putStatus: 200,
  read: (root) => {
    const rule = requiredChild(root, 'Rule')
    const byDefault = requiredChild(rule, 'ApplyServerSideEncryptionByDefault')
    const algorithm = requiredText(byDefault, 'SSEAlgorithm')
    const beyond = rule.children.find(
      ({ name }) => !['ApplyServerSideEncryptionByDefault', 'BucketKeyEnabled'].includes(name),
    )
    if (beyond !== undefined) throw new S3Error('NotImplemented', { message: `${beyond.name} is not implemented.` })
    if (algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse') {
      throw new S3Error('NotImplemented', { message: 'Only AES256 encryption is implemented.' })
    }
    if (algorithm !== 'AES256') throw new S3Error('MalformedXML')
    if (byDefault.children.length > 1) {
      throw new S3Error('InvalidArgument', {
        message: 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms',
      })
    }
    return { algorithm }
  },
  write: ({ algorithm }) =>
    element('ServerSideEncryptionConfiguration', [
      element('Rule', [
        element('ApplyServerSideEncryptionByDefault', [element('SSEAlgorithm', algorithm)]),
        element('BucketKeyEnabled', false),
      ]),
    ]),
})
