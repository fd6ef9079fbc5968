import { CfnOutput, CfnParameter, Duration, SecretValue, Stack } from 'aws-cdk-lib'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as backup from 'aws-cdk-lib/aws-backup'
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecr from 'aws-cdk-lib/aws-ecr'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as logs from 'aws-cdk-lib/aws-logs'
import * as rds from 'aws-cdk-lib/aws-rds'
import * as secrets from 'aws-cdk-lib/aws-secretsmanager'
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
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
import { AGENT_CONFIG, OWN_ALARMS, type Watched, Watching } from './watching.ts'
import { type Mfa, UserPool } from './user-pool.ts'
import { webAcl } from './web-acl.ts'

const PORT = 8080

/** SkyCrate on ECS Fargate behind a load balancer and CloudFront, with RDS for PostgreSQL. */
export class ServerStack extends Stack {
  /** @param options `cognito`: with a user pool whose tokens SkyCrate accepts; `recovery`: with copies in another region */
  constructor(
    scope: Construct,
    id: string,
    options: { readonly cognito?: Mfa | undefined; readonly recovery?: boolean } = {},
  ) {
    super(scope, id, { description: 'SkyCrate on ECS Fargate, with RDS, S3 and CloudFront' })
    const text = (name: string, description: string): string =>
      new CfnParameter(this, name, { description }).valueAsString
    const domain = text('Domain', 'Host name of SkyCrate, such as files.example.com')
    const tag = new CfnParameter(this, 'ImageTag', { default: 'latest', description: 'Of the repository skycrate' })
    const administrator = text('AdminEmail', 'E-mail address of the first administrator')
    const certificateArn = text('CertificateArn', "Certificate of the host name in this stack's region")
    const edgeAddresses = text('CloudFrontPrefixListId', 'Prefix list com.amazonaws.global.cloudfront.origin-facing')
    const recovery = options.recovery === true ? recoveryOf(this) : undefined
    const storage = new Storage(this, 'Storage', { webOrigin: `https://${domain}`, recovery })
    const { key } = storage
    const pool =
      options.cognito && new UserPool(this, 'Users', { webOrigin: `https://${domain}`, mfa: options.cognito })

    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 1,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 24 },
        { name: 'server', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
        { name: 'database', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    })
    flowLogs(this, vpc, key)

    const database = this.database(vpc, storage, recovery)
    const { secret, cdnKeys } = appSecrets(this, key)
    const metricsToken = new secrets.Secret(this, 'MetricsToken', {
      description: 'SKYCRATE_METRICS_TOKEN',
      encryptionKey: key,
      generateSecretString: { passwordLength: 32, excludePunctuation: true },
    })
    const scrapeConfig = this.scrapeConfig(metricsToken, storage)

    const { server, vended } = roles(this, storage, 'ecs-tasks.amazonaws.com')
    const repository = ecr.Repository.fromRepositoryName(this, 'Repository', 'skycrate')
    const serverLogs = logGroup(this, 'ServerLogs', key)
    const execution = new iam.Role(this, 'ExecutionRole', {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    })
    new iam.ManagedPolicy(this, 'ExecutionPolicy', {
      roles: [execution],
      statements: [
        new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
        new iam.PolicyStatement({
          actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          resources: [repository.repositoryArn],
        }),
        new iam.PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [serverLogs.logGroupArn],
        }),
        new iam.PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secret, metricsToken, scrapeConfig, cdnKeys, database.secret!].map((each) => each.secretArn),
        }),
        new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] }),
      ],
    })
    new iam.ManagedPolicy(this, 'AgentPolicy', {
      roles: [server],
      statements: [
        new iam.PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [serverLogs.logGroupArn],
        }),
      ],
    })
    const task = new ecs.FargateTaskDefinition(this, 'Task', {
      cpu: 1024,
      memoryLimitMiB: 2048,
      taskRole: server.withoutPolicyUpdates(),
      executionRole: execution.withoutPolicyUpdates(),
      volumes: [{ name: 'tmp' }],
    })
    const container = task.addContainer('skycrate', {
      image: ecs.ContainerImage.fromEcrRepository(repository, tag.valueAsString),
      // The password has letters and digits alone. The database is reached inside the VPC, by TLS.
      command: [
        'sh',
        '-c',
        'export DATABASE_URL="postgresql://$DB_USER:$DB_PASSWORD@$DB_HOST:$DB_PORT/skycrate?sslmode=verify-full" && exec node apps/server/src/process/main.ts',
      ],
      environment: {
        SKYCRATE_HTTP_HOST: '0.0.0.0',
        ...appSettings({ domain, administrator, storage, vended, issuers: pool?.issuers }),
        // CloudFront and the load balancer.
        SKYCRATE_TRUST_PROXY: '2',
        DB_HOST: database.dbInstanceEndpointAddress,
        DB_PORT: String(DATABASE_PORT),
      },
      secrets: {
        DB_USER: ecs.Secret.fromSecretsManager(database.secret!, 'username'),
        DB_PASSWORD: ecs.Secret.fromSecretsManager(database.secret!, 'password'),
        SKYCRATE_SECRET: ecs.Secret.fromSecretsManager(secret),
        SKYCRATE_METRICS_TOKEN: ecs.Secret.fromSecretsManager(metricsToken),
        SKYCRATE_CDN_KEYS: ecs.Secret.fromSecretsManager(cdnKeys),
      },
      logging: ecs.LogDrivers.awsLogs({ logGroup: serverLogs, streamPrefix: 'skycrate' }),
      portMappings: [{ containerPort: PORT }],
      readonlyRootFilesystem: true,
      user: '65532',
      stopTimeout: Duration.seconds(30),
    })
    container.addMountPoints({ containerPath: '/tmp', sourceVolume: 'tmp', readOnly: false })
    this.agent(task, serverLogs, scrapeConfig)

    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    })
    const balancerGroup = new ec2.SecurityGroup(this, 'BalancerGroup', {
      vpc,
      allowAllOutbound: false,
      description: 'From CloudFront',
    })
    balancerGroup.addIngressRule(ec2.Peer.prefixList(edgeAddresses), ec2.Port.tcp(443), 'CloudFront')
    const balancer = new elb.ApplicationLoadBalancer(this, 'Balancer', {
      vpc,
      internetFacing: true,
      securityGroup: balancerGroup,
      deletionProtection: true,
      dropInvalidHeaderFields: true,
      idleTimeout: Duration.seconds(120),
    })
    balancer.setAttribute('access_logs.s3.enabled', 'true')
    balancer.setAttribute('access_logs.s3.bucket', storage.accessLogs.bucketName)
    balancer.setAttribute('access_logs.s3.prefix', 'balancer')
    storage.accessLogs.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [storage.accessLogs.arnForObjects(`balancer/AWSLogs/${this.account}/*`)],
      }),
    )
    const service = new ecs.FargateService(this, 'Service', {
      cluster,
      taskDefinition: task,
      desiredCount: 2,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      vpcSubnets: { subnetGroupName: 'server' },
    })
    database.connections.allowFrom(service, ec2.Port.tcp(DATABASE_PORT))
    const listener = balancer.addListener('Https', {
      port: 443,
      open: false,
      certificates: [acm.Certificate.fromCertificateArn(this, 'Certificate', certificateArn)],
      sslPolicy: elb.SslPolicy.TLS13_RES,
    })
    const servers = listener.addTargets('Server', {
      port: PORT,
      protocol: elb.ApplicationProtocol.HTTP,
      targets: [service],
      healthCheck: { path: '/readyz', interval: Duration.seconds(10) },
      deregistrationDelay: Duration.seconds(30),
    })
    const scaling = service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 10 })
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 })
    scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: 70 })
    new CfnWebACLAssociation(this, 'Firewall', {
      resourceArn: balancer.loadBalancerArn,
      webAclArn: webAcl(this, 'REGIONAL', key).attrArn,
    })

    const distributions = new Distributions(this, 'Edge', {
      domain,
      zone: zoneOf(this),
      app: new origins.LoadBalancerV2Origin(balancer, { readTimeout: Duration.seconds(60) }),
      storage,
    })
    new Watching(this, 'Watching', [...ofAws(service, balancer, servers, database), ...OWN_ALARMS], key)
    new CfnOutput(this, 'LibraryBucket', { value: storage.library.bucketName })
    new CfnOutput(this, 'DeliveryKeyId', { value: distributions.keyId })
  }

  private database(vpc: ec2.Vpc, { key }: Storage, recovery: Recovery | undefined): rds.DatabaseInstance {
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17 })
    const database = new rds.DatabaseInstance(this, 'Database', {
      ...guarded(vpc, key),
      engine,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
      multiAz: true,
      allocatedStorage: 50,
      maxAllocatedStorage: 500,
      storageType: rds.StorageType.GP3,
      databaseName: 'skycrate',
      backupRetention: Duration.days(7),
      copyTagsToSnapshot: true,
      autoMinorVersionUpgrade: true,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      monitoringRole: monitoringRole(this),
      enablePerformanceInsights: true,
      performanceInsightEncryptionKey: key,
      parameterGroup: new rds.ParameterGroup(this, 'DatabaseParameters', { engine, parameters: PARAMETERS }),
    })
    backUp(this, key, {
      arn: database.instanceArn,
      resource: backup.BackupResource.fromRdsDatabaseInstance(database),
      kind: { name: 'DBInstance', snapshot: 'DBSnapshot', arn: 'snapshot' },
      recovery,
    })
    return database
  }

  /** What the agent scrapes, with the token: a secret as a whole. */
  private scrapeConfig(token: secrets.ISecret, { key }: Storage): secrets.Secret {
    const config = `global: { scrape_interval: 1m }
scrape_configs:
  - job_name: skycrate
    bearer_token: ${token.secretValue.unsafeUnwrap()}
    static_configs: [{ targets: ['127.0.0.1:${PORT}'] }]
`
    return new secrets.Secret(this, 'ScrapeConfig', {
      description: 'How the CloudWatch agent reads the metrics of SkyCrate',
      encryptionKey: key,
      secretStringValue: SecretValue.unsafePlainText(config),
    })
  }

  /** Reads `/metrics` of the server beside it, and publishes what alarms and dashboard ask for. */
  private agent(task: ecs.FargateTaskDefinition, logGroup: logs.ILogGroup, scrapeConfig: secrets.ISecret): void {
    const { prometheus } = AGENT_CONFIG.logs.metrics_collected
    task.addContainer('metrics', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/cloudwatch-agent/cloudwatch-agent:latest'),
      essential: false,
      environment: {
        CW_CONFIG_CONTENT: JSON.stringify({
          logs: { metrics_collected: { prometheus: { ...prometheus, log_group_name: logGroup.logGroupName } } },
        }),
      },
      secrets: { PROMETHEUS_CONFIG_CONTENT: ecs.Secret.fromSecretsManager(scrapeConfig) },
      logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: 'metrics' }),
      memoryReservationMiB: 128,
    })
  }
}

function ofAws(
  service: ecs.FargateService,
  balancer: elb.ApplicationLoadBalancer,
  servers: elb.ApplicationTargetGroup,
  database: rds.DatabaseInstance,
): Watched[] {
  const options = { period: Duration.minutes(1) }
  return [
    {
      id: 'Cpu',
      title: 'CPU of the servers (%)',
      metric: service.metricCpuUtilization(options),
      above: 85,
      periods: 5,
    },
    {
      id: 'Memory',
      title: 'Memory of the servers (%)',
      metric: service.metricMemoryUtilization(options),
      above: 85,
      periods: 5,
    },
    {
      id: 'Errors',
      title: 'Answers 5xx in a minute',
      metric: servers.metrics.httpCodeTarget(elb.HttpCodeTarget.TARGET_5XX_COUNT, options),
      above: 10,
    },
    {
      id: 'BalancerErrors',
      title: 'Requests that reached no server',
      metric: balancer.metrics.httpCodeElb(elb.HttpCodeElb.ELB_5XX_COUNT, options),
      above: 10,
    },
    {
      id: 'Latency',
      title: 'Latency of the 99th percentile (s)',
      metric: servers.metrics.targetResponseTime({ ...options, statistic: cloudwatch.Stats.percentile(99) }),
      above: 1,
      periods: 5,
    },
    {
      id: 'Unhealthy',
      title: 'Servers that are not ready',
      metric: servers.metrics.unhealthyHostCount(options),
      above: 0,
    },
    ...ofDatabase(database),
    {
      id: 'DatabaseSpace',
      title: 'Free space of the database (bytes)',
      metric: database.metricFreeStorageSpace(options),
      below: 5 * 1024 ** 3,
    },
  ]
}
