import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import { S3Error } from '../s3-error.ts'
import { optionalText } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

const SETTINGS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const

/** The two about policies are enforced; there are no ACLs that the others could speak of. */
export const publicAccessBlock = bucketSettingOperations<Readonly<Record<string, boolean>>>({
  name: 'PublicAccessBlock',
  kind: 'public-access-block',
  subresource: 'publicAccessBlock',
  root: 'PublicAccessBlockConfiguration',
  actions: { get: 's3:GetBucketPublicAccessBlock', put: 's3:PutBucketPublicAccessBlock' },
  missing: 'NoSuchPublicAccessBlockConfiguration',
  putStatus: 200,
  read: (root) =>
    Object.fromEntries(
      SETTINGS.map((name) => {
        const text = (optionalText(root, name) ?? 'false').toLowerCase()
        if (text !== 'true' && text !== 'false') throw new S3Error('MalformedXML')
        return [name, text === 'true']
      }),
    ),
  write: (settings) =>
    element(
      'PublicAccessBlockConfiguration',
      SETTINGS.map((name) => element(name, settings[name] === true)),
    ),
})
