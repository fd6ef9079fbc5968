import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as logs from 'aws-cdk-lib/aws-logs'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { logKey } from './log-key.ts'
import type { Recovery } from './recovery-stack.ts'

/** The key, the library bucket with its logs, and the trail of who touched which object. */
export class Storage extends Construct {
  readonly key: kms.Key
  readonly library: s3.Bucket
  readonly accessLogs: s3.Bucket

  constructor(
    scope: Construct,
    id: string,
    options: { readonly webOrigin: string; readonly recovery?: Recovery | undefined },
  ) {
    super(scope, id)
    this.key = logKey(this, 'SkyCrate: buckets, database, secrets and logs')
    const guarded = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    }
    this.accessLogs = new s3.Bucket(this, 'AccessLogs', {
      ...guarded,
      // Load balancers and CloudFront write their logs with S3's own key alone.
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [
        { expiration: Duration.days(400), noncurrentVersionExpiration: Duration.days(7) },
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    })
    this.library = new s3.Bucket(this, 'Library', {
      ...guarded,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'library/',
      cors: [
        {
          allowedOrigins: [options.webOrigin],
          allowedMethods: [
            s3.HttpMethods.GET,
            s3.HttpMethods.PUT,
            s3.HttpMethods.POST,
            s3.HttpMethods.HEAD,
            s3.HttpMethods.DELETE,
          ],
          allowedHeaders: ['*'],
          exposedHeaders: ['ETag', 'x-amz-version-id'],
        },
      ],
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          noncurrentVersionExpiration: Duration.days(30),
          transitions: [{ storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) }],
        },
      ],
    })
    this.trail()
    if (options.recovery !== undefined) this.replicate(options.recovery)
  }

  /** Every object and deletion goes to the other region, within minutes. */
  private replicate({ bucket, key }: Recovery): void {
    const role = new iam.Role(this, 'ReplicationRole', { assumedBy: new iam.ServicePrincipal('s3.amazonaws.com') })
    new iam.ManagedPolicy(this, 'ReplicationPolicy', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({
          actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
          resources: [this.library.bucketArn],
        }),
        new iam.PolicyStatement({
          actions: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'],
          resources: [this.library.arnForObjects('*')],
        }),
        new iam.PolicyStatement({
          actions: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
          resources: [bucket.arnForObjects('*')],
        }),
        new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [this.key.keyArn] }),
        new iam.PolicyStatement({ actions: ['kms:Encrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
      ],
    })
    const library = this.library.node.defaultChild as s3.CfnBucket
    library.replicationConfiguration = {
      role: role.roleArn,
      rules: [
        {
          id: 'recovery',
          priority: 1,
          status: 'Enabled',
          filter: { prefix: '' },
          deleteMarkerReplication: { status: 'Enabled' },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
          destination: { bucket: bucket.bucketArn, encryptionConfiguration: { replicaKmsKeyId: key.keyArn } },
        },
      ],
    }
  }

  /** Each use of a URL or of credentials that SkyCrate vended, beside its own audit log. */
  private trail(): void {
    const bucket = new s3.Bucket(this, 'Trail', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: this.key,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'trail/',
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ expiration: Duration.days(2200), noncurrentVersionExpiration: Duration.days(7) }],
    })
    const group = new logs.LogGroup(this, 'TrailLogs', {
      encryptionKey: this.key,
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    })
    const { partition, region, account } = Stack.of(this)
    const name = `skycrate-${Stack.of(this).node.id.toLowerCase()}`
    const arn = `arn:${partition}:cloudtrail:${region}:${account}:trail/${name}`
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
        actions: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceArn': arn } },
      }),
    )
    const service = new iam.ServicePrincipal('cloudtrail.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceArn': arn } },
    })
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({ principals: [service], actions: ['s3:GetBucketAcl'], resources: [bucket.bucketArn] }),
    )
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [service],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${account}/*`)],
      }),
    )
    const role = new iam.Role(this, 'TrailRole', { assumedBy: new iam.ServicePrincipal('cloudtrail.amazonaws.com') })
    const writes = new iam.ManagedPolicy(this, 'TrailWrites', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [group.logGroupArn],
        }),
      ],
    })
    const trail = new cloudtrail.CfnTrail(this, 'DataEvents', {
      trailName: name,
      isLogging: true,
      s3BucketName: bucket.bucketName,
      kmsKeyId: this.key.keyArn,
      enableLogFileValidation: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      cloudWatchLogsLogGroupArn: group.logGroupArn,
      cloudWatchLogsRoleArn: role.roleArn,
      eventSelectors: [
        {
          includeManagementEvents: true,
          readWriteType: 'All',
          dataResources: [{ type: 'AWS::S3::Object', values: [`${this.library.bucketArn}/`] }],
        },
      ],
    })
    trail.node.addDependency(writes)
    if (bucket.policy) trail.node.addDependency(bucket.policy)
  }
}
