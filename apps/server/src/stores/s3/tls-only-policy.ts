const SID = 'SkyCrateTlsOnly'

function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/**
 * Denies every request that does not come over TLS. `BoolIfExists`, since Ceph keeps a plain `Bool` on this key and does
 * not enforce it.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export function tlsOnlyPolicy(bucket: string, region: string): string {
  const arn = `arn:${partition(region)}:s3:::${bucket}`
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: SID,
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { BoolIfExists: { 'aws:SecureTransport': 'false' } },
      },
    ],
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
