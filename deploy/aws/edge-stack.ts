import { fileURLToPath } from 'node:url'
import { CfnOutput, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import * as route53 from 'aws-cdk-lib/aws-route53'
import type { Construct } from 'constructs'
import { logKey } from './log-key.ts'
import { webAcl } from './web-acl.ts'

/** What CloudFront takes from us-east-1 alone: the certificate and the firewall. */
export class EdgeStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { env: { region: 'us-east-1' }, description: 'SkyCrate: certificate and WAF of CloudFront' })
    const domain = new CfnParameter(this, 'Domain', { description: 'Host name of SkyCrate, such as files.example.com' })
    const delivery = new CfnParameter(this, 'DeliveryDomain', {
      description: 'Host name of signed delivery, such as cdn.example.com',
    })
    const zone = zoneOf(this)
    const certificate = new acm.Certificate(this, 'Certificate', {
      domainName: domain.valueAsString,
      subjectAlternativeNames: [delivery.valueAsString],
      validation: acm.CertificateValidation.fromDns(zone),
    })
    certificate.applyRemovalPolicy(RemovalPolicy.RETAIN)
    const acl = webAcl(this, 'CLOUDFRONT', logKey(this))
    // Functions at the edge have neither a network nor a queue of their own, and no share of the account's concurrency.
    const bodyHash = new lambda.Function(this, 'BodyHash', {
      runtime: lambda.Runtime.NODEJS_24_X,
      code: lambda.Code.fromAsset(fileURLToPath(new URL('edge/body-hash', import.meta.url))),
      handler: 'index.handler',
      memorySize: 128,
      timeout: Duration.seconds(5),
      description: 'SkyCrate: hashes of bodies for a function URL',
      role: new iam.Role(this, 'BodyHashRole', {
        assumedBy: new iam.CompositePrincipal(
          new iam.ServicePrincipal('lambda.amazonaws.com'),
          new iam.ServicePrincipal('edgelambda.amazonaws.com'),
        ),
      }).withoutPolicyUpdates(),
    })
    new CfnOutput(this, 'BodyHashArn', { value: bodyHash.currentVersion.edgeArn })
    new CfnOutput(this, 'CertificateArn', { value: certificate.certificateArn })
    new CfnOutput(this, 'WebAclArn', { value: acl.attrArn })
  }
}

/** The zone of both host names. */
export function zoneOf(stack: Stack): route53.IHostedZone {
  const zoneId = new CfnParameter(stack, 'HostedZoneId', { description: 'Route 53 zone of both host names' })
  return route53.HostedZone.fromHostedZoneId(stack, 'Zone', zoneId.valueAsString)
}
