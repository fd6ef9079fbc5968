import type { Condition } from './condition.ts'
import { parseIpRange } from './ip-range.ts'
import { isFixed } from './pattern.ts'
import type { Policy } from './policy.ts'

/** Operators that hold only for the values they name. */
const NARROWING = new Set(['stringequals', 'stringequalsignorecase', 'stringlike', 'arnequals', 'arnlike'])

/** Keys whose fixed values name somebody; a condition on any other leaves a statement public. */
const NAMING = new Set([
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
])

/** Blocks larger than these are no closed circle any more. */
const LEAST_BITS = { 4: 8, 6: 32 } as const

function isNarrow({ baseName, quantifier, ifExists, key, values }: Condition): boolean {
  if (ifExists || quantifier === 'all') return false
  const name = key.toLowerCase()
  if (baseName === 'ipaddress' && (name === 'aws:sourceip' || name === 'aws:vpcsourceip')) {
    return values.every(({ source }) => {
      const range = parseIpRange(source)
      return range !== undefined && range.bits >= LEAST_BITS[range.family]
    })
  }
  if (!NARROWING.has(baseName) || !NAMING.has(name)) return false
  return values.every((value) => isFixed(value) || (name === 'aws:userid' && /^[^*?$]+:\*$/.test(value.source)))
}

/**
 * Whether a bucket policy is public in S3's sense: an Allow for everyone that no condition keeps to fixed callers. A Deny
 * doesn't make it less public.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function isPublicPolicy(policy: Policy): boolean {
  return policy.statements.some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' && principals?.some(({ kind }) => kind === 'everyone') === true && !conditions.some(isNarrow),
  )
}
