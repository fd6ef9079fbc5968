import type { Random } from '../property/random.ts'
import { mutate, mutateTokens, oddText } from './mutate.ts'

/** A request with a document, as it should be. */
interface DocumentRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly document: string
}

const rule = (inner: string): string =>
  `<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status>${inner}</Rule></LifecycleConfiguration>`

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 's',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['s3:GetObject', 's3:Put*'],
      Resource: 'arn:aws:s3:::fuzz-settings/never/${aws:username}*',
      Condition: { StringLike: { 'aws:Referer': ['x*', 'y?'] }, NumericLessThan: { 's3:max-keys': '10' } },
    },
  ],
})

/** One valid document for every operation that takes one, beside those of operations that are not implemented. */
export const DOCUMENTS: readonly DocumentRequest[] = (
  [
    [
      'PUT',
      '/fuzz-made',
      '',
      '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>',
    ],
    [
      'POST',
      '/fuzz',
      'delete',
      '<Delete><Quiet>false</Quiet><Object><Key>k</Key><VersionId>null</VersionId><ETag>x</ETag></Object><Object><Key>l</Key></Object></Delete>',
    ],
    [
      'POST',
      '/fuzz/upload',
      'uploadId=UPLOAD',
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"0cc175b9c0f1b6a831c399e269772661"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part><Part><PartNumber>2</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>',
    ],
    [
      'PUT',
      '/fuzz/key',
      'tagging',
      '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag><Tag><Key>c</Key><Value></Value></Tag></TagSet></Tagging>',
    ],
    ['PUT', '/fuzz-settings', 'tagging', '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'],
    [
      'PUT',
      '/fuzz-locked/key',
      'retention',
      '<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2100-01-01T00:00:00Z</RetainUntilDate></Retention>',
    ],
    ['PUT', '/fuzz-locked/key', 'legal-hold', '<LegalHold><Status>OFF</Status></LegalHold>'],
    [
      'PUT',
      '/fuzz-locked',
      'object-lock',
      '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>',
    ],
    [
      'PUT',
      '/fuzz-settings',
      'versioning',
      '<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>',
    ],
    [
      'PUT',
      '/fuzz-settings',
      'cors',
      '<CORSConfiguration><CORSRule><ID>x</ID><AllowedOrigin>https://*.example.org</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>',
    ],
    [
      'PUT',
      '/fuzz-settings',
      'encryption',
      '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>',
    ],
    [
      'PUT',
      '/fuzz-settings',
      'lifecycle',
      rule(
        '<Filter><And><Prefix>never/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And></Filter><Expiration><Days>3</Days></Expiration><NoncurrentVersionExpiration><NoncurrentDays>4</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>',
      ),
    ],
    [
      'PUT',
      '/fuzz-settings',
      'lifecycle',
      rule(
        '<Filter><Prefix>never/</Prefix></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload><Transition><Date>2100-01-01T00:00:00Z</Date><StorageClass>GLACIER</StorageClass></Transition>',
      ),
    ],
    [
      'PUT',
      '/fuzz-settings',
      'ownershipControls',
      '<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>',
    ],
    [
      'PUT',
      '/fuzz-settings',
      'publicAccessBlock',
      '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>',
    ],
    ['PUT', '/fuzz-settings', 'policy', POLICY],
    [
      'PUT',
      '/fuzz-settings',
      'acl',
      '<AccessControlPolicy><Owner><ID>x</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>x</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>',
    ],
    [
      'PUT',
      '/fuzz-settings',
      'notification',
      '<NotificationConfiguration><QueueConfiguration><Id>q</Id><Queue>arn:aws:sqs:us-east-1:1:q</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>x</Value></FilterRule></S3Key></Filter></QueueConfiguration></NotificationConfiguration>',
    ],
    [
      'POST',
      '/fuzz/key',
      'restore',
      '<RestoreRequest><Days>1</Days><GlacierJobParameters><Tier>Standard</Tier></GlacierJobParameters></RestoreRequest>',
    ],
    [
      'POST',
      '/',
      '',
      'Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fapp&RoleSessionName=me&DurationSeconds=900&Policy=%7B%7D',
    ],
    [
      'POST',
      '/',
      '',
      'Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fapp&RoleSessionName=me&WebIdentityToken=eyJhbGciOiJFUzI1NiJ9.e30.AAAA',
    ],
  ] as const
).map(([method, path, query, document]) => ({ method, path, query, document }))

const WORDS = DOCUMENTS.flatMap(({ document }) => document.match(/<\/?[A-Za-z0-9]+>|"[^"]*"|[A-Za-z-]+/g) ?? []).concat(
  [
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?xml version="1.0"?>',
    '<?x',
    '&amp;',
    '&#0;',
    '&#x10ffff;',
    '&lol;',
    ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"',
  ],
)

/** A document with changes: to its bytes, to its elements, or to its size. */
export const oddDocument = (random: Random, document: string): Buffer =>
  random.weighted<() => Buffer>([
    [8, () => Buffer.from(mutateTokens(random, document, WORDS))],
    [4, () => mutate(random, Buffer.from(document), WORDS)],
    [1, () => Buffer.from('<a>'.repeat(random.pick([100, 3000, 100_000])))],
    [1, () => Buffer.from(`<!DOCTYPE x [<!ENTITY a "${'b'.repeat(1000)}">]><x>${'&a;'.repeat(1000)}</x>`)],
    [1, () => Buffer.from(document.replace(/<([A-Za-z]+)>/, (tag) => tag + '<x>'.repeat(2000) + '</x>'.repeat(2000)))],
    [1, () => Buffer.from(document.replace(/>([^<]+)</, () => `>${oddText(random).repeat(3000)}<`))],
    [1, () => Buffer.from(document, 'utf16le')],
    [1, () => Buffer.from(document.replace(/<([A-Z][a-z]+)>(.*)<\/\1>/s, '<$1>$2$2$2</$1>'))],
    [1, () => Buffer.concat([random.bytes(50), Buffer.from(document)])],
    [1, () => Buffer.from('{"Statement":'.repeat(20_000))],
    [1, () => Buffer.from(`<${'x'.repeat(100_000)}`)],
    [1, () => Buffer.from(document.replace('>', ` ${'a="b" '.repeat(5000)}>`))],
  ])()
