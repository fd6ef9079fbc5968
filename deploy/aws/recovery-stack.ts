import { CfnOutput, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as backup from 'aws-cdk-lib/aws-backup'
import * as kms from 'aws-cdk-lib/aws-kms'
import * as s3 from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { logKey } from './log-key.ts'

/** What a second region keeps for the day on which the first one fails: copies of the backups, and of each object. */
export class RecoveryStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { description: 'SkyCrate: copies of backups and objects in a second region' })
    const key = logKey(this, 'SkyCrate: copies of backups and objects')
    const guarded = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    }
    const logs = new s3.Bucket(this, 'AccessLogs', {
      ...guarded,
      // S3 delivers access logs only to buckets that are encrypted with its own key.
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [{ expiration: Duration.days(400), noncurrentVersionExpiration: Duration.days(7) }],
    })
    const replica = new s3.Bucket(this, 'Replica', {
      ...guarded,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'replica/',
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    })
    const vault = new backup.BackupVault(this, 'Vault', { encryptionKey: key, removalPolicy: RemovalPolicy.RETAIN })
    new CfnOutput(this, 'ReplicaBucketArn', { value: replica.bucketArn })
    new CfnOutput(this, 'VaultArn', { value: vault.backupVaultArn })
    new CfnOutput(this, 'KeyArn', { value: key.keyArn })
  }
}

/** The second region, as a stack of the first one knows it. */
export interface Recovery {
  readonly bucket: s3.IBucket
  readonly vault: backup.IBackupVault
  readonly key: kms.IKey
}

/** Parameters with the outputs of `RecoveryStack`. */
export function recoveryOf(stack: Stack): Recovery {
  const arn = (name: string, output: string): string =>
    new CfnParameter(stack, name, { description: `Output ${output} of SkyCrateRecovery` }).valueAsString
  const key = kms.Key.fromKeyArn(stack, 'RecoveryKey', arn('RecoveryKeyArn', 'KeyArn'))
  return {
    bucket: s3.Bucket.fromBucketAttributes(stack, 'RecoveryBucket', {
      bucketArn: arn('RecoveryBucketArn', 'ReplicaBucketArn'),
      encryptionKey: key,
    }),
    vault: backup.BackupVault.fromBackupVaultArn(stack, 'RecoveryVault', arn('RecoveryVaultArn', 'VaultArn')),
    key,
  }
}
