import { readFileSync } from 'node:fs'
import { CfnOutput, CfnParameter, Duration, Stack } from 'aws-cdk-lib'
import * as backup from 'aws-cdk-lib/aws-backup'
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront'
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import * as destinations from 'aws-cdk-lib/aws-logs-destinations'
import * as rds from 'aws-cdk-lib/aws-rds'
import * as scheduler from 'aws-cdk-lib/aws-scheduler'
import * as sqs from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { appSecrets } from './app-secrets.ts'
import { appSettings } from './app-settings.ts'
import { backUp, DATABASE_PORT, guarded, monitoringRole, ofDatabase, PARAMETERS } from './database.ts'
import { Distributions } from './distributions.ts'
import { zoneOf } from './edge-stack.ts'
import { flowLogs } from './flow-logs.ts'
import { logGroup } from './groups.ts'
import { type Recovery, recoveryOf } from './recovery-stack.ts'
import { roles } from './roles.ts'
import { Storage } from './storage.ts'
import { type Mfa, UserPool } from './user-pool.ts'
import { type Watched, Watching } from './watching.ts'

/** MB: one processor. */
const MEMORY = 1769
/** Requests at once, of the 1,000 that an account has. */
const CONCURRENCY = 50
/** What CloudFront waits for at most. */
const ANSWER = Duration.seconds(60)
const JOBS = Duration.minutes(10)
/** Aurora sleeps once nobody has been connected for so long. */
const SLEEPS_AFTER = Duration.minutes(5)
/** Milliseconds: functions are frozen with their connections, which must not keep the database awake. */
const IDLE_SESSION = 60_000

/** SkyCrate as functions behind CloudFront, with Aurora Serverless: what nobody uses costs next to nothing. */
export class ServerlessStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    options: { readonly code: string; readonly cognito?: Mfa | undefined; readonly recovery?: boolean },
  ) {
    super(scope, id, { description: 'SkyCrate on Lambda, with Aurora Serverless, S3 and CloudFront' })
    const text = (name: string, description: string, fallback?: string): string =>
      new CfnParameter(this, name, { description, ...(fallback === undefined ? {} : { default: fallback }) })
        .valueAsString
    const domain = text('Domain', 'Host name of SkyCrate, such as files.example.com')
    const administrator = text('AdminEmail', 'E-mail address of the first administrator')
    const every = text('JobsSchedule', 'How often jobs are looked for; each look wakes the database', 'rate(1 hour)')
    const release = text('Release', 'Another value makes the functions take up changed secrets', '1')
    const bodyHash = text('EdgeBodyHashArn', 'BodyHashArn of the stack SkyCrateEdge')
    const recovery = options.recovery === true ? recoveryOf(this) : undefined
    const storage = new Storage(this, 'Storage', { webOrigin: `https://${domain}`, recovery })
    const { key } = storage
    const pool =
      options.cognito && new UserPool(this, 'Users', { webOrigin: `https://${domain}`, mfa: options.cognito })

    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      createInternetGateway: false,
      ipProtocol: ec2.IpProtocol.DUAL_STACK,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        // Out by IPv6 alone, to issuers, the mail server and STS: such a gateway costs nothing, and a NAT gateway does.
        { name: 'function', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
        { name: 'database', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    })
    for (const { node } of [...vpc.privateSubnets, ...vpc.isolatedSubnets]) {
      // Functions and databases ask for their addresses themselves.
      ;(node.defaultChild as ec2.CfnSubnet).assignIpv6AddressOnCreation = false
    }
    flowLogs(this, vpc, key)
    const { subnets } = vpc.selectSubnets({ subnetGroupName: 'function' })
    const database = this.database(vpc, key, recovery)
    const { secret, cdnKeys } = appSecrets(this, key)
    const { server, vended } = roles(this, storage, 'lambda.amazonaws.com')
    const requestLogs = logGroup(this, 'RequestLogs', key)
    const jobLogs = logGroup(this, 'JobLogs', key)
    const failed = new sqs.Queue(this, 'Failed', {
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    new iam.ManagedPolicy(this, 'FunctionPolicy', {
      roles: [server],
      statements: [
        new iam.PolicyStatement({
          actions: [
            'ec2:CreateNetworkInterface',
            'ec2:DescribeNetworkInterfaces',
            'ec2:DescribeSubnets',
            'ec2:DeleteNetworkInterface',
            'ec2:AssignPrivateIpAddresses',
            'ec2:UnassignPrivateIpAddresses',
          ],
          resources: ['*'],
        }),
        new iam.PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [requestLogs.logGroupArn, jobLogs.logGroupArn],
        }),
        new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failed.queueArn] }),
        new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
      ],
    })
    const group = new ec2.SecurityGroup(this, 'FunctionGroup', {
      vpc,
      allowAllOutbound: true,
      allowAllIpv6Outbound: true,
      description: 'Functions of SkyCrate',
    })
    database.connections.allowFrom(group, ec2.Port.tcp(DATABASE_PORT))
    const password = database.secret!.secretValueFromJson('password').unsafeUnwrap()
    const shared = {
      runtime: lambda.Runtime.NODEJS_24_X,
      code: lambda.Code.fromAsset(options.code),
      memorySize: MEMORY,
      role: server.withoutPolicyUpdates(),
      vpc,
      vpcSubnets: { subnets },
      securityGroups: [group],
      ipv6AllowedForDualStack: true,
      deadLetterQueue: failed,
      environmentEncryption: key,
      environment: {
        ...appSettings({ domain, administrator, storage, vended, issuers: pool?.issuers }),
        // Resolved when the stack is deployed: a function in this network that asked for them would need an endpoint.
        DATABASE_URL: `postgresql://skycrate:${password}@${database.clusterEndpoint.hostname}:${DATABASE_PORT}/skycrate?sslmode=verify-full`,
        SKYCRATE_SECRET: secret.secretValue.unsafeUnwrap(),
        SKYCRATE_CDN_KEYS: cdnKeys.secretValue.unsafeUnwrap(),
        // CloudFormation resolves them anew where something of the function changes.
        RELEASE: release,
        SKYCRATE_DATABASE_WAIT: '50',
        // By IPv6, too.
        AWS_ENDPOINT_URL_STS: `https://sts.${this.region}.api.aws`,
        NODE_COMPILE_CACHE: '/var/task/cache',
        NODE_COMPILE_CACHE_PORTABLE: '1',
      },
    }
    const api = new lambda.Function(this, 'Requests', {
      ...shared,
      handler: 'behind-cloudfront.handler',
      timeout: ANSWER,
      logGroup: requestLogs,
      reservedConcurrentExecutions: CONCURRENCY,
    })
    const jobs = new lambda.Function(this, 'Jobs', {
      ...shared,
      handler: 'jobs.handler',
      timeout: JOBS,
      logGroup: jobLogs,
      reservedConcurrentExecutions: 2,
      retryAttempts: 1,
      maxEventAge: Duration.minutes(15),
    })
    this.schedule(jobs, every, key)
    new logs.SubscriptionFilter(this, 'JobsWait', {
      logGroup: requestLogs,
      destination: new destinations.LambdaDestination(jobs),
      filterPattern: logs.FilterPattern.stringValue('$.skycrate', '=', 'jobs wait'),
    })

    const url = api.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM })
    const distributions = new Distributions(this, 'Edge', {
      domain,
      zone: zoneOf(this),
      app: origins.FunctionUrlOrigin.withOriginAccessControl(url, { readTimeout: ANSWER }),
      behavior: {
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        functionAssociations: [
          {
            eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
            function: new cloudfront.Function(this, 'ViewerRequest', {
              runtime: cloudfront.FunctionRuntime.JS_2_0,
              code: cloudfront.FunctionCode.fromInline(
                readFileSync(new URL('edge/viewer-request.js', import.meta.url), 'utf8'),
              ),
            }),
          },
        ],
        edgeLambdas: [
          {
            eventType: cloudfront.LambdaEdgeEventType.ORIGIN_REQUEST,
            functionVersion: lambda.Version.fromVersionArn(this, 'BodyHash', bodyHash),
            includeBody: true,
          },
        ],
      },
      storage,
    })
    new Watching(
      this,
      'Watching',
      [...ofFunctions(api, jobs, database, failed), ...this.ofLogs(requestLogs, jobLogs)],
      key,
    )
    new CfnOutput(this, 'LibraryBucket', { value: storage.library.bucketName })
    new CfnOutput(this, 'DeliveryKeyId', { value: distributions.keyId })
  }

  private database(vpc: ec2.Vpc, key: Storage['key'], recovery: Recovery | undefined): rds.DatabaseCluster {
    const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_5 })
    const database = new rds.DatabaseCluster(this, 'Database', {
      ...guarded(vpc, key),
      engine,
      writer: rds.ClusterInstance.serverlessV2('Writer', {
        autoMinorVersionUpgrade: true,
        enablePerformanceInsights: true,
        performanceInsightEncryptionKey: key,
      }),
      serverlessV2MinCapacity: 0,
      serverlessV2MaxCapacity: 4,
      serverlessV2AutoPauseDuration: SLEEPS_AFTER,
      defaultDatabaseName: 'skycrate',
      backup: { retention: Duration.days(7) },
      copyTagsToSnapshot: true,
      cloudwatchLogsExports: ['postgresql'],
      monitoringRole: monitoringRole(this),
      parameterGroup: new rds.ParameterGroup(this, 'DatabaseParameters', {
        engine,
        parameters: { ...PARAMETERS, idle_session_timeout: String(IDLE_SESSION) },
      }),
    })
    backUp(this, key, {
      arn: database.clusterArn,
      resource: backup.BackupResource.fromArn(database.clusterArn),
      kind: { name: 'DBCluster', snapshot: 'DBClusterSnapshot', arn: 'cluster-snapshot' },
      recovery,
    })
    return database
  }

  private schedule(jobs: lambda.Function, every: string, key: Storage['key']): void {
    const role = new iam.Role(this, 'ScheduleRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') })
    new iam.ManagedPolicy(this, 'SchedulePolicy', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [jobs.functionArn] }),
        new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] }),
      ],
    })
    new scheduler.CfnSchedule(this, 'JobsEvery', {
      scheduleExpression: every,
      flexibleTimeWindow: { mode: 'OFF' },
      kmsKeyArn: key.keyArn,
      target: { arn: jobs.functionArn, roleArn: role.roleArn, input: '{}' },
    })
  }

  /** What only SkyCrate itself knows, from its logs: no agent runs beside a function. */
  private ofLogs(requestLogs: logs.ILogGroup, jobLogs: logs.ILogGroup): Watched[] {
    const namespace = 'SkyCrate'
    const read = (id: string, group: logs.ILogGroup, filterPattern: logs.IFilterPattern, metricValue = '1') =>
      new logs.MetricFilter(this, id, {
        logGroup: group,
        filterPattern,
        metricNamespace: namespace,
        metricName: id,
        metricValue,
      }).metric({ statistic: 'Maximum', period: Duration.minutes(5) })
    const done = logs.FilterPattern.stringValue('$.skycrate', '=', 'jobs done')
    return [
      {
        id: 'AuditUnavailable',
        title: 'The audit log cannot be written',
        metric: read(
          'AuditFailures',
          requestLogs,
          logs.FilterPattern.stringValue('$.msg', '=', 'audit events could not be written'),
        ),
        above: 0,
        periods: 1,
      },
      {
        id: 'FailedSignIns',
        title: 'Refused sign-ins in an hour',
        metric: read('RefusedSignIns', jobLogs, done, '$.refusedSignIns'),
        above: 1000,
        periods: 1,
      },
      {
        id: 'UnfinishedHomes',
        title: 'Homes that could not be finished',
        metric: read('UnfinishedHomes', jobLogs, done, '$.unfinishedHomes'),
        above: 0,
        periods: 3,
      },
      {
        id: 'FailedJobs',
        title: 'Jobs that failed',
        metric: read('FailedJobs', jobLogs, done, '$.failedJobs'),
        above: 0,
        periods: 1,
      },
    ]
  }
}

function ofFunctions(
  api: lambda.Function,
  jobs: lambda.Function,
  database: rds.DatabaseCluster,
  failed: sqs.Queue,
): Watched[] {
  const options = { period: Duration.minutes(1) }
  return [
    { id: 'Errors', title: 'Requests that failed in a minute (5xx)', metric: api.metricErrors(options), above: 5 },
    { id: 'Throttles', title: 'Requests beyond the concurrency', metric: api.metricThrottles(options), above: 0 },
    {
      id: 'Latency',
      title: 'Latency of the 99th percentile (ms)',
      metric: api.metricDuration({ ...options, statistic: cloudwatch.Stats.percentile(99) }),
      above: 5000,
      periods: 5,
    },
    { id: 'JobErrors', title: 'Runs of jobs that failed', metric: jobs.metricErrors(options), above: 0, periods: 1 },
    {
      id: 'Undelivered',
      title: 'Events that no function took',
      metric: failed.metricApproximateNumberOfMessagesVisible(options),
      above: 0,
      periods: 1,
    },
    ...ofDatabase(database),
    {
      id: 'DatabaseCapacity',
      title: 'Capacity of the database (ACU)',
      metric: database.metricServerlessDatabaseCapacity(options),
      above: 3.5,
      periods: 15,
    },
  ]
}
