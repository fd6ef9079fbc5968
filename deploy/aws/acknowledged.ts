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
      'Versions, and retention of what is deleted, protect against mistakes. A copy in another region is a decision on cost and on where data may be: with the context recovery the library bucket has one. The other buckets hold logs.',
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
    ids: [
      'AwsSolutions-IAM5[Resource::*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::<StorageLibraryDBC72DB7>/*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:RDSOSMetrics:*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:snapshot:awsbackup:*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:cluster-snapshot:awsbackup:*]',
    ],
    reason:
      'Every action is named. s3:ListAllMyBuckets, ecr:GetAuthorizationToken and the network interfaces of functions have no narrower resource; SkyCrate itself decides on each object of the library bucket; RDS and AWS Backup name log streams and snapshots themselves, below these prefixes.',
  },
  {
    ids: [...both('LambdaConcurrency'), ...both('LambdaDLQ'), ...both('LambdaInsideVPC')],
    reason:
      'The function at the edge of CloudFront, which hashes bodies: Lambda@Edge has no networks, no queues and no share of the concurrency. The functions of SkyCrate have all three.',
  },
  {
    ids: both('RDSInBackupPlan'),
    reason:
      'The rule looks for instances. AWS Backup takes an Aurora cluster as a whole, and the cluster is in the plan.',
  },
]
