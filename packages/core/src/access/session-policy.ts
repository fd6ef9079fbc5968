import type { Location } from './locations.ts'
import { type Action, ACTION_BIT, type ActionSet, actionsOf } from './operation.ts'

/** STS's limit on the text of a session policy, in characters. A packed form has its own, which only STS knows. */
export const MAX_SESSION_POLICY_CHARACTERS = 2048

/**
 * What each action is in S3. `write` reaches as far as a multipart upload needs. `delete` hides an object of a versioned
 * bucket and cannot remove a version, so that what was deleted can be brought back.
 */
export const S3_ACTIONS_OF: Readonly<Record<Exclude<Action, 'list'>, readonly string[]>> = {
  read: ['s3:GetObject', 's3:GetObjectVersion'],
  write: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
  delete: ['s3:DeleteObject'],
}

export type SessionPolicy =
  | {
      readonly outcome: 'compiled'
      readonly policy: string
      /** Milliseconds since the epoch; credentials under this policy may not outlive it. Infinity when nothing ends it. */
      readonly expiresAt: number
    }
  /** Without a policy a session has everything its role has: there is nothing to vend then. */
  | { readonly outcome: 'nothing-allowed' }
  | {
      readonly outcome: 'too-large'
      readonly characters: number
      readonly limit: number
      /** All of them; fewer have to be chosen. */
      readonly locations: readonly Location[]
    }

interface Statement {
  readonly Effect: 'Allow'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: object
}

const OBJECT_ACTIONS: ActionSet = ACTION_BIT.read | ACTION_BIT.write | ACTION_BIT.delete

/**
 * The IAM policy that allows, of a role that may do everything, exactly what the locations allow. A list is allowed when
 * the prefix asked for lies within a location; a list without a prefix needs the whole bucket.
 *
 * @param locations what `decide` allows in one store: from `locationsOf`, or chosen ones that were decided on one by one
 * @param partition `aws`, `aws-cn` or `aws-us-gov`
 * @throws RangeError for locations of several stores: a bucket's ARN doesn't name its store
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function compileSessionPolicy(locations: readonly Location[], partition = 'aws'): SessionPolicy {
  const useful = locations.filter(({ actions }) => actions !== 0)
  if (useful.length === 0) return { outcome: 'nothing-allowed' }
  if (new Set(useful.map(({ store }) => store)).size > 1) {
    throw new RangeError('a session policy is for the locations of one store')
  }
  const Statement = [...objectStatements(useful, partition), ...listStatements(useful, partition)]
  const policy = toLatin1(JSON.stringify({ Version: '2012-10-17', Statement }))
  if (policy.length > MAX_SESSION_POLICY_CHARACTERS) {
    return { outcome: 'too-large', characters: policy.length, limit: MAX_SESSION_POLICY_CHARACTERS, locations: useful }
  }
  return { outcome: 'compiled', policy, expiresAt: Math.min(...useful.map(({ expiresAt }) => expiresAt)) }
}

/** One statement for each combination of actions, over all places that have it. */
function objectStatements(locations: readonly Location[], partition: string): Statement[] {
  const places = new Map<ActionSet, Set<string>>()
  for (const { bucket, prefix, actions } of locations) {
    const kept = actions & OBJECT_ACTIONS
    if (kept === 0) continue
    add(places, kept, `arn:${partition}:s3:::${escapeText(`${bucket}/${prefix}`)}*`)
  }
  return Array.from(places, ([actions, resources]) => ({
    Effect: 'Allow',
    Action: oneOrAll(actionsOf(actions).flatMap((action) => (action === 'list' ? [] : S3_ACTIONS_OF[action]))),
    Resource: oneOrAll([...resources]),
  }))
}

/** Buckets that are listed as a whole, then those of which the same prefixes are. */
function listStatements(locations: readonly Location[], partition: string): Statement[] {
  const prefixes = new Map<string, Set<string>>()
  for (const { bucket, prefix, actions } of locations) {
    if ((actions & ACTION_BIT.list) !== 0) add(prefixes, bucket, `${escapeText(prefix)}*`)
  }
  const buckets = new Map<string, Set<string>>()
  for (const [bucket, patterns] of prefixes) {
    add(buckets, JSON.stringify(patterns.has('*') ? [] : [...patterns]), `arn:${partition}:s3:::${bucket}`)
  }
  return Array.from(buckets, ([patterns, resources]) => {
    const values = JSON.parse(patterns) as string[]
    return {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: oneOrAll([...resources]),
      ...(values.length === 0 ? {} : { Condition: { StringLike: { 's3:prefix': oneOrAll(values) } } }),
    }
  })
}

function add<K>(sets: Map<K, Set<string>>, key: K, value: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

function oneOrAll(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] ?? '') : values
}

/** Characters that mean something in a policy, as themselves. */
function escapeText(text: string): string {
  return text.replace(/[$*?]/g, (char) => `\${${char}}`)
}

/** STS takes U+0020 to U+00FF alone; the rest can be written in JSON's escapes. */
function toLatin1(json: string): string {
  return json.replace(/[^\u0020-\u00ff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
