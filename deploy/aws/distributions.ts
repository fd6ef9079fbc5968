import { CfnParameter, Duration } from 'aws-cdk-lib'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront'
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as route53 from 'aws-cdk-lib/aws-route53'
import * as targets from 'aws-cdk-lib/aws-route53-targets'
import { Construct } from 'constructs'
import type { Storage } from './storage.ts'

/** Browsers come by TLS alone for a year. */
const TLS_ALONE = { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true }

export interface DistributionsOptions {
  readonly domain: string
  readonly zone: route53.IHostedZone
  readonly app: cloudfront.IOrigin
  /** How requests reach it, where it is not with all that the caller sent. */
  readonly behavior?: Partial<cloudfront.BehaviorOptions>
  readonly storage: Storage
}

/** CloudFront in front of the app, and a distribution of its own for signed delivery: uploaded pages get no cookie. */
export class Distributions extends Construct {
  readonly keyId: string
  readonly deliveryDomain: string

  constructor(scope: Construct, id: string, options: DistributionsOptions) {
    super(scope, id)
    const { domain, zone, app, behavior, storage } = options
    const parameter = (name: string, description: string): string =>
      new CfnParameter(scope, name, { description }).valueAsString
    const certificate = acm.Certificate.fromCertificateArn(
      this,
      'Certificate',
      parameter('EdgeCertificateArn', 'CertificateArn of the stack SkyCrateEdge'),
    )
    const webAclId = parameter('EdgeWebAclArn', 'WebAclArn of the stack SkyCrateEdge')
    this.deliveryDomain = parameter('DeliveryDomain', 'Host name of signed delivery, such as cdn.example.com')
    const shared = {
      certificate,
      webAclId,
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableLogging: true,
      logBucket: storage.accessLogs,
    }
    const headers = new cloudfront.ResponseHeadersPolicy(this, 'AppHeaders', {
      securityHeadersBehavior: { strictTransportSecurity: TLS_ALONE },
    })
    const site = new cloudfront.Distribution(this, 'App', {
      ...shared,
      comment: 'SkyCrate: app and API',
      domainNames: [domain],
      logFilePrefix: 'app/',
      defaultBehavior: {
        origin: app,
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER,
        responseHeadersPolicy: headers,
        ...behavior,
      },
      // Hashed names never change what they hold.
      additionalBehaviors: {
        '/assets/*': {
          origin: app,
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
          cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
          responseHeadersPolicy: headers,
        },
      },
    })
    const publicKey = new cloudfront.CfnPublicKey(this, 'PublicKey', {
      publicKeyConfig: {
        name: 'skycrate-delivery',
        callerReference: 'skycrate-delivery',
        encodedKey: parameter('DeliveryPublicKey', 'Public key of signed delivery in PEM: ECDSA P-256 or RSA 2048'),
      },
    })
    this.keyId = publicKey.attrId
    const group = new cloudfront.CfnKeyGroup(this, 'KeyGroup', {
      keyGroupConfig: { name: 'skycrate-delivery', items: [publicKey.attrId] },
    })
    const delivery = new cloudfront.Distribution(this, 'Delivery', {
      ...shared,
      comment: 'SkyCrate: signed delivery of the library bucket',
      domainNames: [this.deliveryDomain],
      logFilePrefix: 'delivery/',
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(storage.library),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
        trustedKeyGroups: [cloudfront.KeyGroup.fromKeyGroupId(this, 'TrustedKeyGroup', group.attrId)],
        cachePolicy: new cloudfront.CachePolicy(this, 'DeliveryCache', {
          queryStringBehavior: cloudfront.CacheQueryStringBehavior.allowList('response-content-disposition'),
          enableAcceptEncodingBrotli: true,
          enableAcceptEncodingGzip: true,
        }),
        responseHeadersPolicy: new cloudfront.ResponseHeadersPolicy(this, 'DeliveryHeaders', {
          securityHeadersBehavior: {
            strictTransportSecurity: TLS_ALONE,
            contentTypeOptions: { override: true },
            contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; sandbox", override: true },
          },
        }),
      },
    })
    for (const [name, host, distribution] of [
      ['App', domain, site],
      ['Delivery', this.deliveryDomain, delivery],
    ] as const) {
      const target = route53.RecordTarget.fromAlias(new targets.CloudFrontTarget(distribution))
      const record = { zone, recordName: `${host}.`, target }
      new route53.ARecord(this, `${name}Address`, record)
      new route53.AaaaRecord(this, `${name}Address6`, record)
    }
    // The key of the bucket is another stack's in no case: CloudFront may use it for this distribution alone.
    storage.key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['kms:Decrypt'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': delivery.stack.account } },
      }),
    )
  }
}
