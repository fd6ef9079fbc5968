const SID = 'SkyCrateTlsOnly'

function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Denies every request that does not come over TLS. */
function tlsOnlyStatement(bucket: string, region: string): object {
  const arn = `arn:${partition(region)}:s3:::${bucket}`
  return {
    Sid: SID,
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [arn, `${arn}/*`],
    // `IfExists`, since Ceph keeps a plain `Bool` on this key and does not enforce it.
    Condition: { BoolIfExists: { 'aws:SecureTransport': 'false' } },
  }
}

/**
 * A bucket's policy with that statement, and with every other that it has.
 *
 * @param policy as it stands; undefined where there is none
 * @throws SyntaxError for a policy that is not JSON
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export function withTlsOnlyStatement(policy: string | undefined, bucket: string, region: string): string {
  const standing = (policy === undefined ? {} : JSON.parse(policy)) as { Statement?: object | object[] }
  const others = [standing.Statement ?? []].flat().filter((statement) => (statement as { Sid?: unknown }).Sid !== SID)
  return JSON.stringify({
    Version: '2012-10-17',
    ...standing,
    Statement: [...others, tlsOnlyStatement(bucket, region)],
  })
}

/** Whether a policy, as the store gives it back, holds that denial, in whatever form the store keeps it. */
export function hasTlsOnlyStatement(policy: string): boolean {
  let parsed: unknown
  try {
    parsed = JSON.parse(policy)
  } catch {
    return false
  }
  const statements = [(parsed as { Statement?: unknown } | null)?.Statement ?? []].flat()
  return statements.some((statement) => {
    const { Effect, Condition } = statement as { Effect?: unknown; Condition?: Record<string, unknown> }
    const bool = Condition?.['BoolIfExists'] as Record<string, unknown> | undefined
    const value = [bool?.['aws:SecureTransport'] ?? []].flat()[0]
    return Effect === 'Deny' && (value === 'false' || value === false)
  })
}
