import type { Location } from './locations.ts'
import { type Action, ACTION_BIT, type ActionSet, actionsOf } from './operation.ts'
import { meet, type Place, type PolicyBound } from './policy-bound.ts'

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
      /** Where it reaches, without what a bound took away; with a bound that names keys, the folders of these. */
      readonly locations: readonly Location[]
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
  /** The store's policies can name none of the places: their names hold `*`, `?` or `$`, which it takes for patterns. */
  | { readonly outcome: 'not-expressible' }

interface Statement {
  readonly Effect: 'Allow'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: object
}

/** S3 actions on objects, and where. */
interface ObjectGrant {
  readonly actions: readonly string[]
  readonly places: readonly Place[]
}

/** A bucket that may be listed, and by which prefixes; undefined: by any and by none. */
interface ListGrant {
  readonly bucket: string
  readonly prefixes: readonly Place[] | undefined
}

const OBJECT_ACTIONS: ActionSet = ACTION_BIT.read | ACTION_BIT.write | ACTION_BIT.delete

/**
 * The IAM policy that allows, of a role that may do everything, exactly what the locations allow. A list is allowed when
 * the prefix asked for lies within a location; a list without a prefix needs the whole bucket.
 *
 * @param locations what `decide` allows in one store: from `locationsOf`, or chosen ones that were decided on one by one
 * @param options.partition `aws`, `aws-cn` or `aws-us-gov`
 * @param options.bound what the policy may not exceed either
 * @param options.escapes whether the store takes `${*}`, `${?}` and `${$}` for these characters, as AWS does. Without, what
 * holds one is left out: a policy would name other places too
 * @throws RangeError for locations of several stores: a bucket's ARN doesn't name its store
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function compileSessionPolicy(
  locations: readonly Location[],
  options: {
    readonly partition?: string
    readonly bound?: PolicyBound | undefined
    readonly escapes?: boolean | undefined
  } = {},
): SessionPolicy {
  const { partition = 'aws', bound, escapes = true } = options
  const isExpressible = (text: string): boolean => escapes || !NOT_TEXT.test(text)
  const given = locations.filter(({ actions }) => actions !== 0)
  if (given.length === 0) return { outcome: 'nothing-allowed' }
  const useful = given.filter(({ prefix }) => isExpressible(prefix))
  if (useful.length === 0) return { outcome: 'not-expressible' }
  if (new Set(useful.map(({ store }) => store)).size > 1) {
    throw new RangeError('a session policy is for the locations of one store')
  }
  const arn = `arn:${partition}:s3:::`
  let objects = objectGrants(useful, arn)
  let lists = listGrants(useful)
  if (bound !== undefined) {
    objects = objects.flatMap((grant) => boundObjects(grant, bound))
    lists = lists.flatMap((grant) => boundList(grant, arn, bound))
    if (objects.length === 0 && lists.length === 0) return { outcome: 'nothing-allowed' }
    objects = kept(objects, isExpressible)
    lists = kept(lists, isExpressible)
    if (objects.length === 0 && lists.length === 0) return { outcome: 'not-expressible' }
  }
  const patternOf: PatternOf = ({ text, open }) => `${escapes ? escapeText(text) : text}${open ? '*' : ''}`
  const Statement = [
    ...objects.map((grant) => objectStatement(grant, patternOf)),
    ...listStatements(lists, arn, patternOf),
  ]
  const policy = toLatin1(JSON.stringify({ Version: '2012-10-17', Statement }))
  if (policy.length > MAX_SESSION_POLICY_CHARACTERS) {
    return { outcome: 'too-large', characters: policy.length, limit: MAX_SESSION_POLICY_CHARACTERS, locations: useful }
  }
  const expiresAt = Math.min(...useful.map((location) => location.expiresAt))
  const reached = bound === undefined ? useful : reachOf(objects, lists, arn, { store: useful[0]!.store, expiresAt })
  return { outcome: 'compiled', policy, locations: reached, expiresAt }
}

/** One for each combination of actions, over all places that have it. */
function objectGrants(locations: readonly Location[], arn: string): ObjectGrant[] {
  const places = new Map<ActionSet, Set<string>>()
  for (const { bucket, prefix, actions } of locations) {
    const kept = actions & OBJECT_ACTIONS
    if (kept !== 0) add(places, kept, `${arn}${bucket}/${prefix}`)
  }
  return Array.from(places, ([actions, texts]) => ({
    actions: actionsOf(actions).flatMap((action) => (action === 'list' ? [] : S3_ACTIONS_OF[action])),
    places: Array.from(texts, (text) => ({ text, open: true })),
  }))
}

function listGrants(locations: readonly Location[]): ListGrant[] {
  const prefixes = new Map<string, Set<string>>()
  for (const { bucket, prefix, actions } of locations) {
    if ((actions & ACTION_BIT.list) !== 0) add(prefixes, bucket, prefix)
  }
  return Array.from(prefixes, ([bucket, texts]) => ({
    bucket,
    prefixes: texts.has('') ? undefined : Array.from(texts, (text) => ({ text, open: true })),
  }))
}

function boundObjects(grant: ObjectGrant, { statements }: PolicyBound): ObjectGrant[] {
  return statements.flatMap(({ allows, resources, prefixes }) => {
    const actions = grant.actions.filter(allows)
    // Requests for objects have no s3:prefix, so that its condition does not hold for them.
    if (prefixes !== undefined || actions.length === 0) return []
    const places = allMeetings(grant.places, resources)
    return places.length === 0 ? [] : [{ actions, places }]
  })
}

function boundList(grant: ListGrant, arn: string, { statements }: PolicyBound): ListGrant[] {
  const place: Place = { text: arn + grant.bucket, open: false }
  return statements.flatMap(({ allows, resources, prefixes }): ListGrant[] => {
    if (!allows('s3:ListBucket') || !resources.some((resource) => meet(place, resource))) return []
    if (prefixes === undefined) return [grant]
    const kept = grant.prefixes === undefined ? prefixes : allMeetings(grant.prefixes, prefixes)
    return kept.length === 0 ? [] : [{ ...grant, prefixes: kept }]
  })
}

function allMeetings(some: readonly Place[], others: readonly Place[]): Place[] {
  const found = new Map<string, Place>()
  for (const one of some) {
    for (const other of others) {
      const both = meet(one, other)
      if (both) found.set(`${both.text}${both.open ? '*' : ' '}`, both)
    }
  }
  return [...found.values()]
}

type PatternOf = (place: Place) => string

/** What a pattern takes for something else: wildcards, and where variables begin. */
const NOT_TEXT = /[*?$]/

/** Grants without the places that can't be said. */
function kept<G extends { readonly places: readonly Place[] } | { readonly prefixes: readonly Place[] | undefined }>(
  grants: readonly G[],
  isExpressible: (text: string) => boolean,
): G[] {
  const of = (places: readonly Place[]): Place[] => places.filter(({ text }) => isExpressible(text))
  return grants.flatMap((grant): G[] => {
    if ('places' in grant) return of(grant.places).length === 0 ? [] : [{ ...grant, places: of(grant.places) }]
    if (grant.prefixes === undefined) return [grant]
    return of(grant.prefixes).length === 0 ? [] : [{ ...grant, prefixes: of(grant.prefixes) }]
  })
}

function objectStatement({ actions, places }: ObjectGrant, patternOf: PatternOf): Statement {
  return { Effect: 'Allow', Action: oneOrAll(actions), Resource: oneOrAll(places.map(patternOf)) }
}

/** Buckets that are listed as a whole, then those of which the same prefixes are. */
function listStatements(grants: readonly ListGrant[], arn: string, patternOf: PatternOf): Statement[] {
  const buckets = new Map<string, Set<string>>()
  for (const { bucket, prefixes = [] } of grants) {
    add(buckets, JSON.stringify(prefixes.map(patternOf)), arn + bucket)
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

/** The folders that grants lie in, with the actions of which they have a part. */
function reachOf(
  objects: readonly ObjectGrant[],
  lists: readonly ListGrant[],
  arn: string,
  of: Pick<Location, 'store' | 'expiresAt'>,
): Location[] {
  const found = new Map<string, Location>()
  const reach = (bucket: string, text: string, actions: ActionSet): void => {
    const prefix = text.slice(0, text.lastIndexOf('/') + 1)
    const name = `${bucket}/${prefix}`
    found.set(name, { ...of, bucket, prefix, actions: actions | (found.get(name)?.actions ?? 0) })
  }
  for (const { actions, places } of objects) {
    const bits = (['read', 'write', 'delete'] as const)
      .filter((action) => S3_ACTIONS_OF[action].some((name) => actions.includes(name)))
      .reduce((sum, action) => sum | ACTION_BIT[action], 0)
    for (const { text } of places) {
      const path = text.slice(arn.length)
      const slash = path.indexOf('/')
      reach(path.slice(0, slash), path.slice(slash + 1), bits)
    }
  }
  for (const { bucket, prefixes = [{ text: '' }] } of lists) {
    for (const { text } of prefixes) reach(bucket, text, ACTION_BIT.list)
  }
  return [...found.values()]
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
