import { AMAZON_S3 } from '../../../packages/core/src/economics/amazon-s3.ts'
import prices from './prices.json' with { type: 'json' }
import sizes from './sizes.json' with { type: 'json' }

interface Resource {
  readonly Type: string
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is JSON of any shape
  readonly Properties: Readonly<Record<string, any>>
}
export type Template = Readonly<Record<string, Resource>>

export const PRICES = prices
export const SIZES = sizes
export type Size = (typeof SIZES.sizes)[number]

interface ClassPrice {
  readonly tiers: readonly { readonly perGBMonth: number }[]
  readonly idle?: readonly { readonly perGBMonth: number }[]
  readonly perThousandPuts: number
  readonly perThousandGets: number
}
/** Of the price file with which SkyCrate itself computes bills. */
export const S3_CLASSES = (AMAZON_S3 as { regions: Record<string, Record<string, ClassPrice>> }).regions[PRICES.region]!

/** Hours of a month. */
const HOURS = 730
const MILLION = 1e6

/** Types that cost nothing themselves; what passes through some of them is counted by size. */
const FREE =
  /^AWS::(IAM|Route53|CertificateManager|ApplicationAutoScaling|Events)::|^AWS::EC2::(VPC|VPCCidrBlock|Subnet|RouteTable|SubnetRouteTableAssociation|Route|InternetGateway|VPCGatewayAttachment|EgressOnlyInternetGateway|SecurityGroup|SecurityGroupIngress|SecurityGroupEgress)$|^AWS::RDS::(DBParameterGroup|DBClusterParameterGroup|DBSubnetGroup)$|^AWS::Backup::|^AWS::S3::BucketPolicy$|^AWS::SQS::|^AWS::SNS::|^AWS::Scheduler::|^AWS::SecretsManager::SecretTargetAttachment$|^AWS::ECS::(Cluster|TaskDefinition)$|^AWS::ElasticLoadBalancingV2::(Listener|TargetGroup)$|^AWS::WAFv2::(LoggingConfiguration|WebACLAssociation)$|^AWS::CloudFront::(PublicKey|KeyGroup|CachePolicy|ResponseHeadersPolicy|OriginAccessControl|Function)$|^AWS::Lambda::(Permission|Url|Version|EventInvokeConfig)$|^AWS::Logs::SubscriptionFilter$/

/** What a resource costs in a month, by the part of the bill that it is. */
type Charge = readonly [part: string, dollars: number]

interface Context {
  readonly size: Size
  readonly template: Template
  readonly requests: number
}

const PRICED: Readonly<Record<string, (properties: Resource['Properties'], context: Context) => readonly Charge[]>> = {
  'AWS::ECS::Service': ({ DesiredCount }, { size, template }) => {
    const [task] = ofType(template, 'AWS::ECS::TaskDefinition')
    const { vcpuHour, gbHour } = PRICES.fargate
    const hour = (Number(task!['Cpu']) / 1024) * vcpuHour + (Number(task!['Memory']) / 1024) * gbHour
    return [['servers', Math.max(size.tasks, Number(DesiredCount)) * hour * HOURS]]
  },
  'AWS::RDS::DBInstance': (each, { size }) => {
    if (each['DBClusterIdentifier'] !== undefined) return []
    const hour = PRICES.database.instanceHour[each['DBInstanceClass'] as 'db.t4g.medium']
    if (hour === undefined) throw new Error(`there is no price of ${String(each['DBInstanceClass'])}`)
    const copies = each['MultiAZ'] === true ? 2 : 1
    const stored = Math.max(Number(each['AllocatedStorage']), size.databaseGB)
    return [
      ['database', copies * (hour * HOURS + stored * PRICES.database.gp3GBMonth)],
      ['backups', size.databaseGB * PRICES.backupGBMonth],
    ]
  },
  'AWS::RDS::DBCluster': (each, { size, requests }) => {
    const { MinCapacity, MaxCapacity } = each['ServerlessV2ScalingConfiguration'] as Record<string, number>
    const acu = Math.min(Math.max(size.meanAcu, MinCapacity!), MaxCapacity!)
    const hours = MinCapacity === 0 ? size.awakeHours : HOURS
    const { acuHour, gbMonth, millionRequests } = PRICES.aurora
    return [
      ['database', acu * hours * acuHour + size.databaseGB * gbMonth + ((2 * requests) / MILLION) * millionRequests],
      ['backups', size.databaseGB * PRICES.backupGBMonth],
    ]
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ Subnets }, { size }) => [
    ['load balancer', (PRICES.balancer.hour + size.balancerUnits * PRICES.balancer.unitHour) * HOURS],
    ['public addresses', (Subnets as unknown[]).length * PRICES.ipv4Hour * HOURS],
  ],
  'AWS::EC2::NatGateway': (_each, { size }) => [
    ['way out', PRICES.nat.hour * HOURS + PRICES.nat.gb * Math.ceil(size.people / 100)],
  ],
  'AWS::EC2::EIP': () => [['public addresses', PRICES.ipv4Hour * HOURS]],
  'AWS::EC2::VPCEndpoint': ({ VpcEndpointType, SubnetIds }) =>
    VpcEndpointType === 'Gateway'
      ? []
      : [['way out', PRICES.endpointZoneHour * HOURS * Math.max(1, (SubnetIds as unknown[] | undefined)?.length ?? 1)]],
  'AWS::EC2::FlowLog': (_each, { size }) => [['logs', PRICES.logs.gb * (0.2 + size.people / 200)]],
  'AWS::WAFv2::WebACL': ({ Rules }, { requests }) => [
    [
      'firewall',
      PRICES.firewall.acl +
        (Rules as unknown[]).length * PRICES.firewall.rule +
        (requests / MILLION) * PRICES.firewall.millionRequests,
    ],
  ],
  'AWS::KMS::Key': () => [['keys and secrets', PRICES.kmsKey]],
  'AWS::SecretsManager::Secret': () => [['keys and secrets', PRICES.secret]],
  'AWS::CloudWatch::Alarm': () => [['alarms and metrics', PRICES.alarm]],
  'AWS::CloudWatch::Dashboard': () => [['alarms and metrics', PRICES.dashboard]],
  'AWS::Logs::MetricFilter': () => [['alarms and metrics', PRICES.metric]],
  'AWS::Logs::LogGroup': () => [],
  'AWS::CloudTrail::Trail': (_each, { size }) => [
    ['trail', (objectCalls(size) / 100_000) * PRICES.dataEvents100k + PRICES.logs.gb * (objectCalls(size) / MILLION)],
  ],
  'AWS::Lambda::Function': ({ Handler, MemorySize }, { size, requests }) => {
    const gb = Number(MemorySize) / 1024
    const runs = (count: number, seconds: number): number =>
      (count / MILLION) * PRICES.lambda.millionRequests + count * seconds * gb * PRICES.lambda.gbSecond
    if (Handler === 'jobs.handler') return [['functions', runs(HOURS + size.people * 20, SIZES.jobSeconds)]]
    if (Handler === 'behind-cloudfront.handler') return [['functions', runs(requests, SIZES.answerSeconds)]]
    // At the edge, where only the other shape's requests pass; it is counted with the distribution.
    if (Handler === 'index.handler') return []
    throw new Error(`there is no price of the function ${String(Handler)}`)
  },
  'AWS::CloudFront::Distribution': ({ DistributionConfig }, { requests }) => {
    const { DefaultCacheBehavior: behavior } = DistributionConfig as {
      DefaultCacheBehavior: Record<string, unknown[] | undefined>
    }
    // Signed delivery is billed as downloads.
    if (behavior['TrustedKeyGroups'] !== undefined) return []
    const { millionRequests, millionFunctionRuns, millionLambdaRuns, lambdaGBSecond } = PRICES.edge
    const each =
      millionRequests +
      (behavior['FunctionAssociations'] === undefined ? 0 : millionFunctionRuns) +
      (behavior['LambdaFunctionAssociations'] === undefined
        ? 0
        : millionLambdaRuns + MILLION * SIZES.edgeSeconds * 0.125 * lambdaGBSecond)
    return [['CloudFront', (requests / MILLION) * each]]
  },
  'AWS::S3::Bucket': (each, { size }) => {
    // The library; trail and access logs are counted as logs.
    if (each['CorsConfiguration'] === undefined) return []
    const { tiers, perThousandPuts, perThousandGets } = S3_CLASSES['STANDARD']!
    const { uploads, downloads, storedGB, outGB } = SIZES.perPerson
    return [
      ['files', size.people * storedGB * tiers[0]!.perGBMonth],
      ['files', (size.people * (uploads * perThousandPuts + downloads * perThousandGets)) / 1000],
      ['files sent out', size.people * outGB * PRICES.transferOutGB],
    ]
  },
  'AWS::Cognito::UserPool': () => [],
}

const ofType = (template: Template, type: string): Resource['Properties'][] =>
  Object.values(template)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties)

const objectCalls = ({ people }: Size): number => people * (SIZES.perPerson.uploads + SIZES.perPerson.downloads) * 2

/**
 * The bill of a month, by part, in dollars.
 * @throws Error for a resource whose price nobody has named
 */
export function monthlyCost(templates: readonly Template[], size: Size): Map<string, number> {
  const requests = size.people * SIZES.perPerson.requests
  const bill = new Map<string, number>()
  const add = (part: string, dollars: number): void => void bill.set(part, (bill.get(part) ?? 0) + dollars)
  for (const template of templates) {
    for (const { Type, Properties } of Object.values(template)) {
      if (FREE.test(Type)) continue
      const charges = PRICED[Type]
      if (charges === undefined) throw new Error(`cost/monthly-cost.ts has no price of a ${Type}`)
      for (const [part, dollars] of charges(Properties, { size, template, requests })) add(part, dollars)
    }
    if (ofType(template, 'AWS::ECS::Service').length > 0) add('alarms and metrics', SIZES.ownMetrics * PRICES.metric)
  }
  add('logs', ((requests * SIZES.logGBPerMillionRequests) / MILLION) * PRICES.logs.gb)
  return bill
}
