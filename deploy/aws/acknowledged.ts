/** A finding that stays: the rule, as each pack names it, and why. */
export interface Acknowledgement {
  readonly ids: readonly string[]
  readonly reason: string
}

/** A rule that the packs for HIPAA and NIST share. */
const both = (rule: string): string[] => [`HIPAA.Security-${rule}`, `NIST.800.53.R5-${rule}`]

/** Findings that stay, each with its reason. A test counts them, and fails where one is no longer needed. */
export const ACKNOWLEDGED: readonly Acknowledgement[] = [
  {
    ids: both('S3BucketReplicationEnabled'),
    reason:
      'Versions, and retention of what is deleted, protect against mistakes. A copy in another region is a decision on cost and on where data may be: add it where a recovery plan asks for it.',
  },
  {
    ids: both('S3DefaultEncryptionKMS'),
    reason: 'Load balancers deliver their access logs only to buckets that are encrypted with the key of S3.',
  },
  {
    ids: ['AwsSolutions-SMG4', ...both('SecretsManagerRotationEnabled')],
    reason:
      'SkyCrate reads its secrets when it starts. The guide says how to change each: a new value, then a new deployment. SKYCRATE_SECRET seals keys in the database, and is not changed on a schedule.',
  },
  {
    ids: both('VPCDefaultSecurityGroupClosed'),
    reason: 'The rule reports every VPC. Nothing here is in the default security group.',
  },
  {
    ids: both('VPCNoUnrestrictedRouteToIGW'),
    reason:
      'The public subnets hold the load balancer, which lets only CloudFront in, and the NAT gateway, by which SkyCrate reaches issuers and the mail server.',
  },
  {
    ids: ['AwsSolutions-CFR1'],
    reason: 'Who may read what is decided by permissions, and not by the country in which somebody is.',
  },
  {
    ids: ['AwsSolutions-ECS2'],
    reason: 'The variables of the task are settings that may be seen. Secrets come from Secrets Manager.',
  },
  {
    ids: ['AwsSolutions-IAM5[Resource::*]'],
    reason: 's3:ListAllMyBuckets and ecr:GetAuthorizationToken have no narrower resource.',
  },
  {
    ids: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::<StorageLibraryDBC72DB7>/*]'],
    reason: 'SkyCrate decides on each object of the library bucket. Every action is named, from the list of calls.',
  },
  {
    ids: [
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:RDSOSMetrics:*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:snapshot:awsbackup:*]',
    ],
    reason: 'RDS and AWS Backup name these log streams and snapshots themselves, below these prefixes.',
  },
]
