/**
 * Reads a session policy as AWS documents it, written from the documentation and from nothing of the code under test.
 * Only what a session policy of SkyCrate may hold: anything else is an error, never "not allowed".
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
export interface AskedOfPolicy {
  readonly action: string
  readonly bucket: string
  /** Undefined for a request on the bucket itself. */
  readonly key?: string
  /** What the request lists; undefined where it names no prefix. */
  readonly prefix?: string
}

export function policyAllows(text: string, asked: AskedOfPolicy): boolean {
  const resource = `arn:aws:s3:::${asked.bucket}${asked.key === undefined ? '' : `/${asked.key}`}`
  const { Version, Statement, ...unknown } = JSON.parse(text) as Record<string, unknown>
  if (Version !== '2012-10-17' || Object.keys(unknown).length > 0) throw new Error(`not such a policy: ${text}`)
  return (Statement as Record<string, unknown>[]).some((statement) => {
    const { Effect, Action, Resource, Condition, ...others } = statement
    if (Effect !== 'Allow' || Object.keys(others).length > 0) throw new Error(`not such a statement: ${text}`)
    return (
      all(Action).some((each) => each === asked.action) &&
      all(Resource).some((pattern) => likeOf(pattern).test(resource)) &&
      (Condition === undefined || conditionHolds(Condition as Record<string, Record<string, unknown>>, asked.prefix))
    )
  })
}

function conditionHolds(condition: Record<string, Record<string, unknown>>, prefix: string | undefined): boolean {
  const { StringLike, ...others } = condition
  const { 's3:prefix': values, ...otherKeys } = StringLike ?? {}
  if (values === undefined || Object.keys(others).length > 0 || Object.keys(otherKeys).length > 0) {
    throw new Error(`not such a condition: ${JSON.stringify(condition)}`)
  }
  return prefix !== undefined && all(values).some((pattern) => likeOf(pattern).test(prefix))
}

const all = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : (value as string[]))

const known = new Map<string, RegExp>()

/** `*` is any run of characters, `?` any one; `${*}`, `${?}` and `${$}` are these characters themselves. */
function likeOf(pattern: string): RegExp {
  const before = known.get(pattern)
  if (before) return before
  const source = pattern.replaceAll(/\$\{([$*?])\}|([*?])|[\s\S]/gu, (char, escaped?: string, wildcard?: string) => {
    if (escaped === undefined && wildcard !== undefined) return wildcard === '*' ? '[^]*' : '[^]'
    return RegExp.escape(escaped ?? char)
  })
  if (/\$\{/.test(pattern.replaceAll(/\$\{[$*?]\}/g, ''))) throw new Error(`an unknown variable: ${pattern}`)
  const regex = new RegExp(`^${source}$`, 'u')
  if (known.size > 20_000) known.clear()
  known.set(pattern, regex)
  return regex
}
