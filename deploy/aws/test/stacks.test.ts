/* oxlint-disable typescript/no-explicit-any -- a template is JSON of any shape, and each test looks at one corner of it */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseIssuers } from '../../../apps/server/src/config/issuers.ts'
import { leastPolicy, vendedRolePolicy } from '../../../apps/server/src/stores/s3/least-policy.ts'
import { ACKNOWLEDGED, type Acknowledgement } from '../acknowledged.ts'
import { buildApp } from '../build-app.ts'
import { OWN_ALARMS } from '../watching.ts'
import { emptyCode } from './empty-code.ts'

interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, any>>
  readonly DeletionPolicy?: string
}

const outdir = mkdtempSync(join(tmpdir(), 'skycrate-cdk-'))
after(() => rmSync(outdir, { recursive: true, force: true }))

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string
    readonly violations: readonly { readonly ruleName: string }[]
  }[]
}

/** Synthesises offline. @returns what the rule packs report */
function synth(
  name: string,
  acknowledged?: readonly Acknowledgement[],
  cognito?: 'required' | 'optional',
  recovery?: boolean,
): Report {
  const dir = join(outdir, name)
  const app = buildApp({
    outdir: dir,
    code: emptyCode(outdir),
    ...(cognito && { cognito }),
    ...(recovery && { recovery }),
    ...(acknowledged === undefined ? {} : { acknowledged }),
  })
  try {
    app.synth()
  } catch (error) {
    // A finding ends the synthesis; the report is looked at here.
    if (!String(error).includes('Validation failed')) throw error
  }
  return JSON.parse(readFileSync(join(dir, 'validation-report.json'), 'utf8')) as Report
}

const report = synth('acknowledged')
const resourcesOf = (stack: string, name = 'acknowledged'): Resource[] =>
  Object.values(
    (
      JSON.parse(readFileSync(join(outdir, name, `${stack}.template.json`), 'utf8')) as {
        Resources: Record<string, Resource>
      }
    ).Resources,
  )
const resources = resourcesOf('SkyCrate')
const ofType = (type: string, from = resources): Resource[] => from.filter((each) => each.Type === `AWS::${type}`)
function one(type: string, from = resources): Resource['Properties'] {
  const found = ofType(type, from)
  assert.equal(found.length, 1, `one ${type}`)
  return found[0]!.Properties
}

test('AwsSolutions, HIPAA and NIST 800-53 R5 find nothing', () => {
  assert.deepEqual(
    report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName)),
    [],
  )
})

test('at most ten findings are acknowledged, each with a reason, and none that is not found', () => {
  assert.ok(ACKNOWLEDGED.length <= 10)
  for (const { reason } of ACKNOWLEDGED) assert.ok(reason.length > 40, reason)
  const reports = synth('found', []).pluginReports.filter(({ pluginName }) => pluginName !== 'CloudFormation Validate')
  const packs = reports.map(({ pluginName }) => pluginName).join(' ')
  for (const pack of ['AwsSolutions', 'HIPAA', 'NIST']) assert.match(packs, new RegExp(pack))
  const found = reports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName))
  const acknowledged = ACKNOWLEDGED.flatMap(({ ids }) => ids)
  assert.deepEqual([...new Set(found)].toSorted(), acknowledged.toSorted())
})

test('the database has a standby, seven days of backups, and is encrypted, kept and reached by TLS alone', () => {
  const database = one('RDS::DBInstance')
  assert.equal(database['MultiAZ'], true)
  assert.equal(database['BackupRetentionPeriod'], 7)
  assert.equal(database['StorageEncrypted'], true)
  assert.equal(database['DeletionProtection'], true)
  assert.equal(database['PubliclyAccessible'], false)
  assert.equal(ofType('RDS::DBInstance')[0]!.DeletionPolicy, 'Retain')
  assert.equal(one('RDS::DBParameterGroup')['Parameters']['rds.force_ssl'], '1')
  assert.equal(ofType('Backup::BackupSelection').length, 1)
})

test('every bucket is closed to the public, encrypted, versioned, kept, and refuses plain http', () => {
  const buckets = ofType('S3::Bucket')
  assert.equal(buckets.length, 3)
  const policies = ofType('S3::BucketPolicy').map(({ Properties }) => Properties)
  assert.equal(policies.length, 3)
  for (const { Properties, DeletionPolicy } of buckets) {
    assert.deepEqual(Properties['PublicAccessBlockConfiguration'], {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    })
    assert.ok(Properties['BucketEncryption'])
    assert.equal(Properties['VersioningConfiguration'].Status, 'Enabled')
    assert.equal(DeletionPolicy, 'Retain')
  }
  for (const { PolicyDocument } of policies) {
    const denials = PolicyDocument.Statement.filter(
      ({ Effect, Condition }: any) => Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
    )
    assert.equal(denials.length, 1)
  }
  const library = buckets.find(({ Properties }) => Properties['CorsConfiguration'] !== undefined)
  assert.equal(
    library?.Properties['BucketEncryption'].ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault
      .SSEAlgorithm,
    'aws:kms',
  )
  assert.ok(library.Properties['LoggingConfiguration'])
})

test('CloudTrail records each read and write of an object, in files that can be verified', () => {
  const trail = one('CloudTrail::Trail')
  assert.equal(trail['EnableLogFileValidation'], true)
  const [selector] = trail['EventSelectors']
  assert.equal(selector.ReadWriteType, 'All')
  assert.equal(selector.DataResources[0].Type, 'AWS::S3::Object')
})

test('the roles have what the list of calls names, and nothing else of S3', () => {
  const places = { partition: 'aws', buckets: ['b'], roleArn: 'r', kmsKeyArn: 'k' }
  const policies = ofType('IAM::ManagedPolicy').map(({ Properties }) => Properties['PolicyDocument'].Statement)
  const actionsOf = (statements: readonly { readonly Action: string | readonly string[] }[]): string[] =>
    statements.flatMap(({ Action }) => [Action].flat()).toSorted()
  for (const wanted of [leastPolicy(places), vendedRolePolicy(places)]) {
    const actions = actionsOf(wanted.Statement)
    assert.ok(
      policies.some((statements) => JSON.stringify(actionsOf(statements)) === JSON.stringify(actions)),
      JSON.stringify(actions),
    )
  }
  const ofS3 = policies.filter((statements) => actionsOf(statements).some((action) => action.startsWith('s3:')))
  assert.equal(ofS3.length, 2)
  assert.ok(policies.flatMap(actionsOf).every((action) => !action.includes('*')))
  assert.equal(ofType('IAM::Policy').length, 0)
})

test('the server runs at least twice, without root, on a file system that it cannot change', () => {
  const { ContainerDefinitions } = one('ECS::TaskDefinition')
  const [server] = ContainerDefinitions
  assert.equal(server.ReadonlyRootFilesystem, true)
  assert.equal(server.User, '65532')
  const secrets = server.Secrets.map(({ Name }: { Name: string }) => Name)
  for (const name of ['DB_PASSWORD', 'SKYCRATE_SECRET', 'SKYCRATE_METRICS_TOKEN', 'SKYCRATE_CDN_KEYS']) {
    assert.ok(secrets.includes(name), name)
  }
  const plain = server.Environment.map(({ Name }: { Name: string }) => Name)
  assert.deepEqual(
    plain.filter((name: string) => /SECRET|PASSWORD|TOKEN|KEYS$/.test(name) && name !== 'SKYCRATE_LOG_KEYS'),
    [],
  )
  const settings = readFileSync(fileURLToPath(new URL('../../../docs/settings.md', import.meta.url)), 'utf8')
  for (const name of [...plain, ...secrets].filter((each: string) => /^(SKYCRATE|S3)_/.test(each))) {
    assert.ok(settings.includes(`\`${name}\``), `${name} is a setting`)
  }
  const keysInLogs = server.Environment.find(({ Name }: { Name: string }) => Name === 'SKYCRATE_LOG_KEYS')
  assert.equal(keysInLogs.Value, 'false', 'no names of objects in logs')
  const scaling = one('ApplicationAutoScaling::ScalableTarget')
  assert.deepEqual([scaling['MinCapacity'], scaling['MaxCapacity']], [2, 10])
})

test('people come by CloudFront alone, with TLS 1.2 at least, through a firewall', () => {
  const distributions = ofType('CloudFront::Distribution').map(({ Properties }) => Properties['DistributionConfig'])
  assert.equal(distributions.length, 2)
  for (const config of distributions) {
    assert.equal(config.ViewerCertificate.MinimumProtocolVersion, 'TLSv1.2_2021')
    assert.ok(config.WebACLId)
    assert.ok(config.Logging)
    assert.notEqual(config.DefaultCacheBehavior.ViewerProtocolPolicy, 'allow-all')
  }
  for (const { ResponseHeadersPolicyConfig } of ofType('CloudFront::ResponseHeadersPolicy').map(
    ({ Properties }) => Properties,
  )) {
    const { StrictTransportSecurity } = ResponseHeadersPolicyConfig.SecurityHeadersConfig
    assert.equal(StrictTransportSecurity.AccessControlMaxAgeSec, 365 * 24 * 60 * 60)
  }
  assert.match(one('ElasticLoadBalancingV2::Listener')['SslPolicy'], /TLS13-1-2/)
  const delivery = distributions.find(({ DefaultCacheBehavior }) => DefaultCacheBehavior.TrustedKeyGroups)
  assert.ok(delivery, 'delivery needs a signature')
  assert.equal(ofType('CloudFront::OriginAccessControl').length, 1)
  const ingress = ofType('EC2::SecurityGroup').flatMap(({ Properties }) => Properties['SecurityGroupIngress'] ?? [])
  assert.ok(ingress.every(({ CidrIp }: { CidrIp?: string }) => CidrIp === undefined))
  assert.equal(ofType('WAFv2::WebACLAssociation').length, 1)
  const edge = resourcesOf('SkyCrateEdge')
  assert.equal(one('WAFv2::WebACL', edge)['Scope'], 'CLOUDFRONT')
  assert.equal(ofType('Route53::RecordSet').length, 4)
})

test('there is an alarm for everything that an operator must hear of, and each tells a topic', () => {
  const alarms = ofType('CloudWatch::Alarm').map(({ Properties }) => Properties)
  const titles = alarms.map(({ AlarmDescription }) => AlarmDescription).join('\n')
  for (const of of [
    'CPU of the servers',
    'Memory of the servers',
    'Connections to the database',
    'Refused sign-ins',
    '5xx',
    'Latency',
    'audit log cannot be written',
    'Homes that could not be finished',
    'Jobs that failed',
  ]) {
    assert.ok(titles.includes(of), of)
  }
  assert.ok(alarms.every(({ AlarmActions }) => AlarmActions.length === 1))
  assert.equal(ofType('CloudWatch::Dashboard').length, 1)
})

test('alarms on metrics of SkyCrate ask for metrics that it has', () => {
  const source = readFileSync(
    fileURLToPath(new URL('../../../apps/server/src/observability/metrics.ts', import.meta.url)),
    'utf8',
  )
  for (const { metric } of OWN_ALARMS) {
    const { metricName } = metric.toMetricConfig().metricStat!
    assert.ok(source.includes(`'${metricName}'`), metricName)
  }
})

const serverless = resourcesOf('SkyCrateServerless')
const functions = ofType('Lambda::Function', serverless).map(({ Properties }) => Properties)

test('the serverless shape has nothing that costs by the hour while nobody uses it', () => {
  for (const type of [
    'EC2::NatGateway',
    'ElasticLoadBalancingV2::LoadBalancer',
    'ECS::Service',
    'EC2::EIP',
    'EC2::InternetGateway',
  ]) {
    assert.equal(ofType(type, serverless).length, 0, type)
  }
  assert.deepEqual(
    ofType('EC2::VPCEndpoint', serverless).map(({ Properties }) => Properties['VpcEndpointType']),
    ['Gateway'],
  )
  const { ServerlessV2ScalingConfiguration: scaling } = one('RDS::DBCluster', serverless)
  assert.deepEqual(scaling, { MinCapacity: 0, MaxCapacity: 4, SecondsUntilAutoPause: 300 })
  // What a frozen function leaves open must end before the database could sleep.
  const idle = Number(one('RDS::DBClusterParameterGroup', serverless)['Parameters'].idle_session_timeout)
  assert.ok(idle > 0 && idle <= scaling.SecondsUntilAutoPause * 1000)
  assert.ok(functions.every((each) => each['ProvisionedConcurrencyConfig'] === undefined))
})

test('its functions reach the internet by IPv6 alone, and the database cannot', () => {
  const routes = ofType('EC2::Route', serverless).map(({ Properties }) => Properties)
  assert.equal(routes.length, 2)
  for (const route of routes) {
    assert.equal(route['DestinationIpv6CidrBlock'], '::/0')
    assert.ok(route['EgressOnlyInternetGatewayId'])
    assert.match(JSON.stringify(route['RouteTableId']), /function/)
  }
})

test('the function URL answers CloudFront alone, which is given what its signature replaces', () => {
  assert.equal(one('Lambda::Url', serverless)['AuthType'], 'AWS_IAM')
  const permissions = ofType('Lambda::Permission', serverless).map(({ Properties }) => Properties)
  const actions = permissions
    .filter(({ Principal }) => Principal === 'cloudfront.amazonaws.com')
    .map(({ Action, SourceArn }) => {
      assert.match(JSON.stringify(SourceArn), /distribution/)
      return Action as string
    })
  assert.deepEqual(actions.toSorted(), ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'])
  assert.ok(permissions.every(({ Principal }) => /^(cloudfront|logs)\.amazonaws\.com$/.test(Principal)))
  const configs = ofType('CloudFront::Distribution', serverless).map(
    ({ Properties }) => Properties['DistributionConfig'],
  )
  const app = configs.find(({ DefaultCacheBehavior }) => DefaultCacheBehavior.FunctionAssociations)
  const [origin] = app.Origins
  assert.ok(origin.OriginAccessControlId)
  assert.equal(app.DefaultCacheBehavior.LambdaFunctionAssociations[0].IncludeBody, true)
  assert.equal(app.DefaultCacheBehavior.FunctionAssociations[0].EventType, 'viewer-request')
  // The host of the distribution would break the signature for the function URL.
  assert.equal(app.DefaultCacheBehavior.OriginRequestPolicyId, 'b689b0a8-53d0-40ab-baf2-68738e2966ac')
})

test('jobs run by a schedule and as soon as a request leaves one', () => {
  const schedule = one('Scheduler::Schedule', serverless)
  assert.equal(schedule['ScheduleExpression'].Ref, 'JobsSchedule')
  const { FilterPattern } = one('Logs::SubscriptionFilter', serverless)
  const source = readFileSync(new URL('../../../apps/server/src/lambda/api.ts', import.meta.url), 'utf8')
  const [, value] = /= "([^"]+)"/.exec(FilterPattern) ?? []
  assert.ok(source.includes(`{"skycrate":"${value}"}`), FilterPattern)
})

test('each server and function connects to a database that it verifies', () => {
  for (const stack of ['SkyCrate', 'SkyCrateServerless']) {
    const modes = [...JSON.stringify(resourcesOf(stack)).matchAll(/sslmode=([a-z-]+)/g)].map(([, mode]) => mode)
    assert.ok(modes.length > 0)
    assert.deepEqual([...new Set(modes)], ['verify-full'])
  }
})

test('no secret is in a template: each is resolved from Secrets Manager, and settings are those that exist', () => {
  const settings = readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8')
  for (const { Environment, KmsKeyArn } of functions) {
    assert.ok(KmsKeyArn, 'encrypted with the key of the stack')
    const { Variables } = Environment
    // Without it a deployment after a change of a secret would change nothing.
    assert.equal(Variables.RELEASE.Ref, 'Release')
    for (const name of ['DATABASE_URL', 'SKYCRATE_SECRET', 'SKYCRATE_CDN_KEYS']) {
      assert.match(JSON.stringify(Variables[name]), /\{\{resolve:secretsmanager:/, name)
    }
    for (const name of Object.keys(Variables).filter((each) => /^(SKYCRATE|S3)_/.test(each))) {
      assert.ok(settings.includes(`\`${name}\``), `${name} is a setting`)
    }
  }
})

test('the handlers are those that are packed', () => {
  const pack = readFileSync(new URL('../../../scripts/pack-lambda.ts', import.meta.url), 'utf8')
  for (const { Handler } of functions) assert.ok(pack.includes(`'${Handler.split('.')[0]}'`), Handler)
})

test('both shapes have the same storage, roles of S3 and alarms on what only SkyCrate knows', () => {
  const shapeOf = (from: Resource[]) =>
    ofType('S3::Bucket', from).map(({ Properties }) => [
      Properties['BucketEncryption'].ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm,
      Properties['LifecycleConfiguration'].Rules.length,
    ])
  assert.deepEqual(shapeOf(serverless), shapeOf(resources))
  const s3Of = (from: Resource[]) =>
    ofType('IAM::ManagedPolicy', from)
      .flatMap(({ Properties }) => Properties['PolicyDocument'].Statement)
      .flatMap(({ Action }: { Action: string | string[] }) => [Action].flat())
      .filter((action: string) => action.startsWith('s3:'))
      .toSorted()
  assert.deepEqual(s3Of(serverless), s3Of(resources))
  const titles = ofType('CloudWatch::Alarm', serverless).map(({ Properties }) => Properties['AlarmDescription'])
  for (const title of ['The audit log cannot be written', 'Homes that could not be finished', 'Jobs that failed']) {
    assert.ok(titles.includes(title), title)
  }
  assert.ok(titles.some((title: string) => title.startsWith('Refused sign-ins')))
})

test('with Cognito, SkyCrate is told of a pool that signs in by a code and PKCE, in both shapes and without a finding', () => {
  assert.equal(ofType('Cognito::UserPool').length, 0, 'only where it is asked for')
  for (const mfa of ['required', 'optional'] as const) {
    const found = synth(mfa, undefined, mfa).pluginReports.flatMap(({ violations }) => violations)
    assert.deepEqual(found, [])
    for (const stack of ['SkyCrate', 'SkyCrateServerless']) {
      const made = resourcesOf(stack, mfa)
      assert.equal(one('Cognito::UserPool', made)['MfaConfiguration'], mfa === 'required' ? 'ON' : 'OPTIONAL')
      const client = one('Cognito::UserPoolClient', made)
      assert.deepEqual([client['AllowedOAuthFlows'], client['GenerateSecret']], [['code'], false])
      assert.match(JSON.stringify(client['CallbackURLs']), /\/api\/v1\/auth\/callback/)
      assert.equal(ofType('Cognito::UserPoolDomain', made).length, 1)
      const values = [
        ...ofType('Lambda::Function', made).map(
          ({ Properties }) => Properties['Environment'].Variables.SKYCRATE_ISSUERS,
        ),
        ...ofType('ECS::TaskDefinition', made).map(
          ({ Properties }) =>
            Properties['ContainerDefinitions'][0].Environment.find(({ Name }: any) => Name === 'SKYCRATE_ISSUERS')
              .Value,
        ),
      ]
      assert.ok(values.length > 0)
      for (const value of values) {
        // As CloudFormation joins it, read by the parser of the setting.
        const text = value['Fn::Join'][1]
          .map((part: any) => (typeof part === 'string' ? part : 'eu-central-1'))
          .join('')
        const parsed = parseIssuers(text)
        assert.ok('value' in parsed, text)
        const [issuer] = parsed.value
        assert.equal(issuer?.issuer, 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1')
        assert.deepEqual([issuer?.clientSecret, issuer?.adminGroups], [undefined, ['admins']])
      }
    }
  }
})

test('with a second region, each object and each backup has a copy there, in both shapes and without a finding', () => {
  assert.equal(
    ofType('S3::Bucket').some(({ Properties }) => Properties['ReplicationConfiguration']),
    false,
  )
  const found = synth('recovery', undefined, undefined, true).pluginReports.flatMap(({ violations }) => violations)
  assert.deepEqual(found, [])
  const there = resourcesOf('SkyCrateRecovery', 'recovery')
  for (const { Properties, DeletionPolicy } of ofType('S3::Bucket', there)) {
    assert.equal(Properties['VersioningConfiguration'].Status, 'Enabled')
    assert.equal(DeletionPolicy, 'Retain')
  }
  assert.equal(ofType('Backup::BackupVault', there)[0]?.DeletionPolicy, 'Retain')
  for (const stack of ['SkyCrate', 'SkyCrateServerless']) {
    const here = resourcesOf(stack, 'recovery')
    const replicated = ofType('S3::Bucket', here).filter(({ Properties }) => Properties['ReplicationConfiguration'])
    assert.equal(replicated.length, 1)
    const [rule] = replicated[0]!.Properties['ReplicationConfiguration'].Rules
    assert.deepEqual(
      [rule.Status, rule.DeleteMarkerReplication.Status, rule.Destination.Bucket, rule.Filter.Prefix],
      ['Enabled', 'Enabled', { Ref: 'RecoveryBucketArn' }, ''],
    )
    assert.ok(replicated[0]!.Properties['CorsConfiguration'], 'it is the library')
    const [daily] = one('Backup::BackupPlan', here)['BackupPlan'].BackupPlanRule
    assert.deepEqual(daily.CopyActions, [
      { DestinationBackupVaultArn: { Ref: 'RecoveryVaultArn' }, Lifecycle: { DeleteAfterDays: 35 } },
    ])
    assert.ok(ofType('IAM::ManagedPolicy', here).every((each) => !JSON.stringify(each).includes('"Action":"*"')))
  }
})
