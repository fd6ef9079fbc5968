import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as backup from 'aws-cdk-lib/aws-backup'
import type * as ec2 from 'aws-cdk-lib/aws-ec2'
import { Schedule } from 'aws-cdk-lib/aws-events'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as rds from 'aws-cdk-lib/aws-rds'
import type { Construct } from 'constructs'
import type { Recovery } from './recovery-stack.ts'
import type { Watched } from './watching.ts'

export const DATABASE_PORT = 5433
const NO_PUNCTUATION = ' %+~`#$&*()|[]{}:;<>?!\'/@"\\,.=^_-'

/** What every database has, whatever serves it. */
export const guarded = (vpc: ec2.IVpc, key: kms.IKey) => ({
  vpc,
  vpcSubnets: { subnetGroupName: 'database' },
  port: DATABASE_PORT,
  storageEncrypted: true,
  storageEncryptionKey: key,
  credentials: rds.Credentials.fromGeneratedSecret('skycrate', {
    encryptionKey: key,
    excludeCharacters: NO_PUNCTUATION,
  }),
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN,
  iamAuthentication: true,
  monitoringInterval: Duration.minutes(1),
})

/** TLS alone, and a log of who connects. */
export const PARAMETERS = { 'rds.force_ssl': '1', log_connections: '1' }

/** What is watched of a database, whatever serves it. */
export function ofDatabase(
  database: Pick<rds.DatabaseCluster, 'metricDatabaseConnections' | 'metricCPUUtilization'>,
): Watched[] {
  const options = { period: Duration.minutes(1) }
  return [
    {
      id: 'DatabaseConnections',
      title: 'Connections to the database',
      metric: database.metricDatabaseConnections(options),
      above: 300,
    },
    {
      id: 'DatabaseCpu',
      title: 'CPU of the database (%)',
      metric: database.metricCPUUtilization(options),
      above: 85,
      periods: 10,
    },
  ]
}

/** Lets RDS write what the database's machine does. */
export function monitoringRole(scope: Construct): iam.Role {
  const { partition, region, account } = Stack.of(scope)
  const role = new iam.Role(scope, 'MonitoringRole', {
    assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com'),
  })
  new iam.ManagedPolicy(scope, 'MonitoringPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: [
          'logs:CreateLogGroup',
          'logs:PutRetentionPolicy',
          'logs:CreateLogStream',
          'logs:PutLogEvents',
          'logs:DescribeLogStreams',
          'logs:GetLogEvents',
        ],
        resources: [`arn:${partition}:logs:${region}:${account}:log-group:RDSOSMetrics:*`],
      }),
    ],
  })
  return role
}

/** Daily backups beside those of RDS. */
export function backUp(
  scope: Construct,
  key: kms.IKey,
  database: {
    readonly arn: string
    readonly resource: backup.BackupResource
    /** What RDS calls it in its actions and ARNs. */
    readonly kind: { readonly name: 'DBInstance' | 'DBCluster'; readonly snapshot: string; readonly arn: string }
    /** Where copies go. */
    readonly recovery: Recovery | undefined
  },
): void {
  const { partition, region, account } = Stack.of(scope)
  const { recovery } = database
  const { name, snapshot, arn } = database.kind
  const vault = new backup.BackupVault(scope, 'Vault', { encryptionKey: key, removalPolicy: RemovalPolicy.RETAIN })
  const plan = new backup.BackupPlan(scope, 'BackupPlan', {
    backupVault: vault,
    backupPlanRules: [
      new backup.BackupPlanRule({
        ruleName: 'Daily',
        deleteAfter: Duration.days(35),
        scheduleExpression: Schedule.cron({ hour: '5', minute: '0' }),
        ...(recovery && {
          copyActions: [{ destinationBackupVault: recovery.vault, deleteAfter: Duration.days(35) }],
        }),
      }),
    ],
  })
  const role = new iam.Role(scope, 'BackupRole', { assumedBy: new iam.ServicePrincipal('backup.amazonaws.com') })
  const snapshots = `arn:${partition}:rds:${region}:${account}:${arn}:awsbackup:*`
  new iam.ManagedPolicy(scope, 'BackupPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: [`rds:Create${snapshot}`, `rds:Describe${name}s`, 'rds:ListTagsForResource', 'rds:AddTagsToResource'],
        resources: [database.arn, snapshots],
      }),
      new iam.PolicyStatement({
        actions: [`rds:Describe${snapshot}s`, `rds:Delete${snapshot}`, `rds:Modify${snapshot}Attribute`],
        resources: [snapshots],
      }),
      new iam.PolicyStatement({
        actions: ['kms:DescribeKey', 'kms:CreateGrant', 'kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
      }),
      ...(recovery === undefined ? [] : copying(snapshot, snapshots, recovery)),
    ],
  })
  plan.addSelection('Database', {
    role: role.withoutPolicyUpdates(),
    disableDefaultBackupPolicy: true,
    resources: [database.resource],
  })
}

/** What the same role needs to copy a snapshot into the vault of the other region. */
function copying(snapshot: string, snapshots: string, { vault, key }: Recovery): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['backup:CopyIntoBackupVault'], resources: [vault.backupVaultArn] }),
    new iam.PolicyStatement({ actions: [`rds:Copy${snapshot}`], resources: [snapshots] }),
    new iam.PolicyStatement({
      actions: ['kms:DescribeKey', 'kms:CreateGrant', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt'],
      resources: [key.keyArn],
    }),
  ]
}
