const GLOBAL =
  'CurrentTime EpochTime FederatedProvider MultiFactorAuthAge MultiFactorAuthPresent PrincipalAccount PrincipalArn ' +
  'PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths PrincipalServiceName PrincipalServiceNamesList PrincipalType Referer ' +
  'RequestedRegion ResourceAccount ResourceOrgID ResourceOrgPaths SecureTransport SourceAccount SourceArn SourceIdentity ' +
  'SourceIp SourceOrgID SourceOrgPaths SourceVpc SourceVpce SourceVpcArn TokenIssueTime UserAgent userid username ViaAWSService ' +
  'CalledVia CalledViaFirst CalledViaLast VpcSourceIp'

const OF_S3 =
  'AccessGrantsInstanceArn AccessPointNetworkOrigin DataAccessPointAccount DataAccessPointArn ResourceAccount TlsVersion ' +
  'VersionId authType delimiter if-match if-none-match LocationConstraint max-keys object-lock-legal-hold object-lock-mode ' +
  'object-lock-remaining-retention-days object-lock-retain-until-date prefix RequestObjectTagKeys signatureAge signatureversion ' +
  'x-amz-acl x-amz-content-sha256 x-amz-copy-source x-amz-grant-full-control x-amz-grant-read x-amz-grant-read-acp ' +
  'x-amz-grant-write x-amz-grant-write-acp x-amz-metadata-directive x-amz-object-ownership x-amz-server-side-encryption ' +
  'x-amz-server-side-encryption-aws-kms-key-id x-amz-server-side-encryption-customer-algorithm x-amz-storage-class ' +
  'x-amz-website-redirect-location'

const list = (service: string, names: string): string[] =>
  names.split(' ').map((name) => `${service}:${name.toLowerCase()}`)

const KEYS: ReadonlySet<string> = new Set([...list('aws', GLOBAL), ...list('s3', OF_S3)])

/** Keys that end in a name of the caller's, after a slash. */
const NAMED = /^(?:aws:(?:principaltag|requesttag|resourcetag)|s3:(?:existingobjecttag|requestobjecttag))\/./

/**
 * Whether a condition on this key is understood: those of S3 and the global ones. Any other must not be: nothing here
 * evaluates it, and a condition that is never met may be the one that someone relies on.
 *
 * @param key in any case
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
 */
export function isConditionKey(key: string): boolean {
  const name = key.toLowerCase()
  return KEYS.has(name) || NAMED.test(name)
}
