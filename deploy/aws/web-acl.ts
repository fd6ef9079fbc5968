import { RemovalPolicy } from 'aws-cdk-lib'
import * as logs from 'aws-cdk-lib/aws-logs'
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'

/** Requests of one address in five minutes. A person who browses stays far below. */
const RATE = 10_000
const GROUPS = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet']

const seen = (metricName: string) => ({ cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName })

export function webAcl(scope: Construct, type: 'CLOUDFRONT' | 'REGIONAL', key?: kms.IKey): CfnWebACL {
  const acl = new CfnWebACL(scope, 'WebAcl', {
    scope: type,
    defaultAction: { allow: {} },
    visibilityConfig: seen('skycrate'),
    rules: [
      ...GROUPS.map((name, at) => ({
        name,
        priority: at,
        overrideAction: { none: {} },
        visibilityConfig: seen(name),
        statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
      })),
      {
        name: 'rate',
        priority: GROUPS.length,
        action: { block: {} },
        visibilityConfig: seen('rate'),
        statement: { rateBasedStatement: { limit: RATE, aggregateKeyType: 'IP' } },
      },
    ],
  })
  const group = new logs.LogGroup(scope, 'WebAclLogs', {
    // WAF takes no other name.
    logGroupName: `aws-waf-logs-skycrate-${type.toLowerCase()}`,
    retention: logs.RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
    ...(key === undefined ? {} : { encryptionKey: key }),
  })
  new CfnLoggingConfiguration(scope, 'WebAclLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [group.logGroupArn],
    redactedFields: [{ singleHeader: { Name: 'authorization' } }, { singleHeader: { Name: 'cookie' } }],
  })
  return acl
}
